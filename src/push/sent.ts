import type { NewsfoldError } from '../model/errors.ts'

/** What came of one request. */
export type Sent =
  | {
      readonly kind: 'answered'
      readonly status: number
      /** The first bytes of the body, enough for a challenge or an error code. */
      readonly text: string
      /** What the server asked for, at most a day. */
      readonly retryAfterMs: number | null
    }
  | { readonly kind: 'failed'; readonly error: NewsfoldError }

/** Whether a server took what it was sent. */
export function isTaken(sent: Sent): boolean {
  return sent.kind === 'answered' && sent.status >= 200 && sent.status < 300
}

/** One line on what came of a request, its address cut to the host: those of chat services and callbacks are secrets. */
export function describeSent(sent: Sent): string {
  if (sent.kind === 'failed') return sent.error.message.replaceAll(/(https?:\/\/[^\s/?#]+)[/?#]\S*/g, '$1/…')
  const says = sent.text.replaceAll(/\s+/g, ' ').trim().slice(0, 200)
  return `Expected status 2xx, got ${sent.status}${says === '' ? '' : `: ${says}`}`
}
