/** What a caller may do about an error: nothing (`never`), or the same again after a while (`later`). */
export type Retry = 'never' | 'later'

/**
 * Any failure that Newsfold foresees. The message says what, where, expected, got and what to do;
 * `code` is stable and is what programs match on.
 */
export class NewsfoldError extends Error {
  readonly code: string
  readonly retry: Retry

  constructor(code: string, message: string, options: { retry: Retry; cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    this.code = code
    this.retry = options.retry
  }
}

/** Configuration that a person has to mend: settings, source files, feed files. */
export class ConfigurationError extends NewsfoldError {
  constructor(code: string, message: string, cause?: unknown) {
    super(code, message, { retry: 'never', cause })
  }
}

/** Bytes that cannot be read as what they should be: a listing that is no list, a feed that is no feed. */
export class UnreadableError extends NewsfoldError {
  constructor(code: string, message: string, cause?: unknown) {
    super(code, message, { retry: 'never', cause })
  }
}

/** A host that could not be reached or did not answer as HTTP asks; worth another try later. */
export class UnreachableError extends NewsfoldError {
  constructor(code: string, message: string, cause?: unknown) {
    super(code, message, { retry: 'later', cause })
  }
}

/** A request that our own rules forbid: robots.txt, private addresses, size and time caps. */
export class RefusedError extends NewsfoldError {
  constructor(code: string, message: string, cause?: unknown) {
    super(code, message, { retry: 'never', cause })
  }
}

/** One line of any thrown value, for logs and terminals. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause instanceof Error && !error.message.includes(error.cause.message) ? error.cause : null
  return cause ? `${error.message} (${cause.message})` : error.message || error.name
}
