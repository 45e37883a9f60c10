import type { NewsfoldError } from '../model/errors.ts'
import type { Fetched } from './http-client.ts'

/** Thrown by a step to have its page tried again in the same run. */
export class RetryLater extends Error {
  constructor(error: NewsfoldError) {
    super(error.message, { cause: error })
  }
}

const passingStatuses: ReadonlySet<number> = new Set([408, 425, 429])

/** Whether the same request may do better within minutes: no answer, a busy or broken server, a limit. */
export function shouldRetryNow({ error, status }: Extract<Fetched, { kind: 'failed' }>): boolean {
  if (error.retry === 'never' || error.code === 'http.slow-down' || error.code === 'robots.unreachable') return false
  return status === null || status >= 500 || passingStatuses.has(status)
}
