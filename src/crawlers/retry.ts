import type { NewsfoldError } from '../model/errors.ts'
import type { Fetched } from './http-client.ts'

/** Thrown by a step to have its page tried again in the same run. */
export class RetryLater extends Error {
  constructor(error: NewsfoldError) {
    super(error.message, { cause: error })
  }
}

/** Whether a host was not asked: it wants to be left alone, or too many others ask it. That lasts as long as a run. */
export function isLeftForNow({ code }: NewsfoldError): boolean {
  return code === 'http.slow-down' || code === 'http.crowded'
}

const passingStatuses: ReadonlySet<number> = new Set([408, 425, 429])

/** Whether the same request may do better within minutes: no answer, a busy or broken server, a limit. */
export function shouldRetryNow({ error, status }: Extract<Fetched, { kind: 'failed' }>): boolean {
  if (error.retry === 'never' || isLeftForNow(error) || error.code === 'robots.unreachable') return false
  return status === null || status >= 500 || passingStatuses.has(status)
}
