import { dropDelivery, findDelivery, markDelivered, markDeliveryFailed, type Delivery } from '../archive/deliveries.ts'
import { backoffMs, mostAttempts } from './backoff.ts'
import type { PushContext } from './push-context.ts'
import type { OutgoingRequest } from './request-sender.ts'
import { describeSent, isTaken, type Sent } from './sent.ts'
import { refusalOf, webhookMessage } from './webhook-message.ts'

/** Refusals that a receiver takes back: time-outs and limits. */
const passingStatuses: ReadonlySet<number> = new Set([408, 425, 429])

/** Why a try failed, and whether another one is worth it. */
interface Failure {
  readonly error: string
  readonly isFinal: boolean
  readonly retryAfterMs: number | null
}

interface Attempt {
  readonly request: OutgoingRequest
  /** Why an answer with status 2xx is no success; `null`: it is one. */
  refusal(text: string): string | null
}

async function prepare(context: PushContext, delivery: Delivery): Promise<Attempt | null> {
  if (delivery.channel === 'hub') {
    if (!context.hubs.includes(delivery.target)) return null
    const form = new URLSearchParams({ 'hub.mode': 'publish', 'hub.url': delivery.subject })
    // Hubs differ in which of the two names they read.
    form.append('hub.topic', delivery.subject)
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const request = { method: 'POST', url: delivery.target, headers, body: form.toString() } as const
    return { request, refusal: () => null }
  }
  const target = context.webhooks.find(({ key }) => key === delivery.target)
  const item = target && (await context.publications.readItem(delivery.feedId, delivery.subject))
  if (!target || !item) return null
  const message = webhookMessage(target.webhook, item, context.now())
  const headers = {
    ...message.headers,
    // The same for every try, so that a receiver can leave out what it has.
    'x-newsfold-delivery': delivery.id,
    'x-newsfold-event': delivery.kind,
    'x-newsfold-item': item.id,
  }
  return {
    request: { method: 'POST', url: message.url, headers, body: message.body },
    refusal: (text) => refusalOf(target.webhook, text),
  }
}

function failureOf(sent: Sent, refusal: string | null): Failure | null {
  if (sent.kind === 'failed') {
    return { error: describeSent(sent), isFinal: sent.error.retry === 'never', retryAfterMs: null }
  }
  const { status, retryAfterMs } = sent
  if (isTaken(sent)) return refusal === null ? null : { error: refusal, isFinal: false, retryAfterMs }
  const isFinal = status >= 300 && status < 500 && !passingStatuses.has(status)
  return { error: describeSent(sent), isFinal, retryAfterMs }
}

/** Sends an item to a webhook, or a ping to a hub of others. What is not taken for three hours becomes a dead letter. */
export async function deliverItem(context: PushContext, id: string): Promise<void> {
  const { database, sender, tried, now, log } = context
  const delivery = await findDelivery(database, id)
  if (!delivery) return
  const attempt = await prepare(context, delivery)
  if (!attempt) {
    // The webhook was taken out of the configuration, or the story was joined to another one.
    await dropDelivery(database, id)
    return
  }
  const sent = await sender.send(attempt.request)
  const refusal = isTaken(sent) && sent.kind === 'answered' ? attempt.refusal(sent.text) : null
  const failure = failureOf(sent, refusal)
  if (!failure) {
    tried(delivery.channel, 'taken')
    await markDelivered(database, delivery, now())
    return
  }
  const attempts = delivery.attempts + 1
  const isDead = failure.isFinal || attempts >= mostAttempts
  tried(delivery.channel, isDead ? 'given-up' : 'failed')
  const nextAt = isDead ? null : new Date(now().getTime() + backoffMs(attempts, failure.retryAfterMs))
  await markDeliveryFailed(database, id, { error: failure.error, nextAt, now: now() })
  if (isDead) log.warn({ target: delivery.target, feed: delivery.feedId, reason: failure.error }, 'delivery.given-up')
}
