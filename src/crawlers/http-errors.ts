import { NewsfoldError, UnreachableError, UnreadableError } from '../model/errors.ts'

/** Refusals that servers take back: time-outs, limits, and firewalls that guess. */
const passingStatuses: ReadonlySet<number> = new Set([401, 403, 408, 412, 425, 429])

/** What a status other than 2xx means to a caller. */
export function statusError(url: URL, status: number, block: string | null = null): NewsfoldError {
  const who = block === null || block === `HTTP ${status}` ? '' : ` (${block})`
  const message = `Cannot fetch ${url.href}: expected status 200, got ${status}${who}.`
  if (status === 404 || status === 410) {
    return new UnreadableError('http.status', `${message} The page is gone; correct the address if you gave it.`)
  }
  if (status >= 500 || passingStatuses.has(status)) {
    return new UnreachableError('http.status', `${message} It is tried again later; if it stays, ask the publisher.`)
  }
  return new UnreadableError('http.status', `${message} Open the address in a browser and correct it.`)
}

export function timeoutError(url: URL, timeoutMs: number): UnreachableError {
  return new UnreachableError(
    'http.timeout',
    `Cannot fetch ${url.href}: expected the whole answer within ${timeoutMs / 1000} s, which passed first. ` +
      'It is tried again later.',
  )
}

export function sleptError(url: URL): UnreachableError {
  return new UnreachableError(
    'http.slept',
    `Cannot fetch ${url.href}: this process was stopped while it waited for the answer. It is tried again.`,
  )
}

/** Faults of names, connections, TLS and protocol as errors of ours; anything else as it is. */
export function connectionError(error: unknown, url: URL): unknown {
  if (error instanceof NewsfoldError || !(error instanceof Error)) return error
  // Its code is missing for some violations of the protocol. Anything else without one is a mistake of ours.
  const isParser = error.name === 'HTTPParserError'
  const code = 'code' in error && typeof error.code === 'string' ? error.code : isParser ? error.name : null
  if (code === null) return error
  const isProtocol =
    isParser ||
    /^HPE_|^UND_ERR_RES_CONTENT_LENGTH_MISMATCH$|^UND_ERR_HEADERS_OVERFLOW$|^UND_ERR_INVALID_ARG$/.test(code)
  const isTls = /CERT|^ERR_TLS|^ERR_SSL|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code)
  const kind = isProtocol ? 'http.protocol' : isTls ? 'http.tls' : 'http.connection'
  return new UnreachableError(
    kind,
    `Cannot fetch ${url.href}: expected an answer, got ${code} (${error.message}). It is tried again later; ` +
      'if it stays, check that the address opens in a browser on this machine.',
    error,
  )
}
