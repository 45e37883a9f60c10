import { randomBytes } from 'node:crypto'
import {
  activateSubscription,
  dropRequest,
  endSubscription,
  findRequest,
  postponeRequest,
  saveRequest,
  type PendingRequest,
} from '../archive/subscriptions.ts'
import { backoffMs } from './backoff.ts'
import { withHubParameters } from './hub-request.ts'
import type { PushContext } from './push-context.ts'
import { describeSent, isTaken, type Sent } from './sent.ts'
import { withoutToken } from './topic-address.ts'

/** A subscriber that cannot be reached is asked once more after 5 s and after 10 s. */
const mostAttempts = 3

/** Whether the subscriber may say something else in a moment. */
function isPassing(sent: Sent): boolean {
  return sent.kind === 'failed' ? sent.error.retry === 'later' : sent.status >= 500 || sent.status === 429
}

async function deny(context: PushContext, request: PendingRequest): Promise<void> {
  const parameters = {
    'hub.mode': 'denied',
    'hub.topic': request.topic,
    ...(request.reason === null ? {} : { 'hub.reason': request.reason }),
  }
  // Its answer changes nothing.
  await context.sender.send({ method: 'GET', url: withHubParameters(request.callback, parameters) })
  await dropRequest(context.database, request.id)
}

/** The subscriber did not confirm: what it had before stays as it was. */
async function giveUp(context: PushContext, request: PendingRequest, sent: Sent): Promise<void> {
  const { database, now, log } = context
  if (isPassing(sent) && request.attempts + 1 < mostAttempts) {
    const nextAt = new Date(now().getTime() + backoffMs(request.attempts + 1))
    await postponeRequest(database, request.id, nextAt)
    return
  }
  const { topic, mode } = request
  const reason = describeSent(sent)
  log.info({ topic: withoutToken(topic), mode, reason }, 'subscription.not-confirmed')
  await dropRequest(database, request.id)
}

/** Asks a subscriber whether it meant what was asked in its name (WebSub §5.3), or tells it that it is denied (§5.2). */
export async function confirmRequest(context: PushContext, id: string): Promise<void> {
  const { database, topics, sender, now, log } = context
  const request = await findRequest(database, id)
  if (!request) return
  if (request.mode === 'denied') return deny(context, request)
  // Before the question: whatever is archived from here on is delivered.
  const content = request.mode === 'subscribe' ? await topics.read(request.topic) : null
  if (request.mode === 'subscribe' && !content) {
    await saveRequest(database, { ...request, mode: 'denied', reason: 'There is no such feed here' }, now())
    return
  }
  const challenge = randomBytes(32).toString('base64url')
  const url = withHubParameters(request.callback, {
    'hub.mode': request.mode,
    'hub.topic': request.topic,
    'hub.challenge': challenge,
    ...(request.mode === 'subscribe' ? { 'hub.lease_seconds': String(request.leaseSeconds) } : {}),
  })
  const sent = await sender.send({ method: 'GET', url })
  if (sent.kind !== 'answered' || !isTaken(sent) || sent.text !== challenge) return giveUp(context, request, sent)
  // A later request of the same subscriber has taken this one's place: that one counts.
  if (!(await findRequest(database, id))) return
  if (content) {
    const at = now()
    const expiresAt = new Date(at.getTime() + request.leaseSeconds * 1000)
    await activateSubscription(database, request, { now: at, expiresAt, hash: content.hash })
  } else {
    await endSubscription(database, request, request.id)
  }
  log.info({ topic: withoutToken(request.topic), mode: request.mode }, 'subscription.confirmed')
}
