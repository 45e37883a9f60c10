import {
  denyTopic,
  endSubscription,
  findSubscriptions,
  markContentFailed,
  markContentsSent,
  type SentContent,
} from '../archive/subscriptions.ts'
import { backoffMs } from './backoff.ts'
import { gather } from './gather.ts'
import type { PushContext } from './push-context.ts'
import { describeSent, isTaken } from './sent.ts'
import { hubSignature } from './signature.ts'
import { hubOf, withoutToken } from './topic-address.ts'

/** Sends a subscriber the present content of its topic (WebSub §7). Failures are tried again until the lease ends. */
export function createContentDelivery(context: PushContext): (id: string) => Promise<void> {
  const { database, topics, sender, tried, now, log } = context
  const find = gather((ids: readonly string[]) => findSubscriptions(database, ids, now()))
  const markSent = gather(async (sent: readonly SentContent[]) => {
    await markContentsSent(database, sent, now())
    return sent
  })
  return async (id) => {
    const subscription = await find(id)
    if (!subscription || subscription.dueHash === null) return
    const { topic, callback, secret, attempts } = subscription
    const content = await topics.find(topic, subscription.dueHash)
    if (!content) {
      await denyTopic(database, topic, 'There is no such feed here any more', now())
      return
    }
    const sent = await sender.send({
      method: 'POST',
      url: callback,
      headers: {
        'content-type': content.contentType,
        link: `<${hubOf(topic)}>; rel="hub", <${topic}>; rel="self"`,
        ...(secret === null ? {} : { 'x-hub-signature': hubSignature(content.body, secret) }),
      },
      body: content.body,
    })
    if (isTaken(sent)) {
      tried('websub', 'taken')
      await markSent({ id, hash: content.hash })
      return
    }
    if (sent.kind === 'answered' && sent.status === 410) {
      tried('websub', 'given-up')
      log.info({ topic: withoutToken(topic) }, 'subscription.ended')
      await endSubscription(database, subscription, null)
      return
    }
    tried('websub', 'failed')
    const waitMs = backoffMs(attempts + 1, sent.kind === 'answered' ? sent.retryAfterMs : null)
    await markContentFailed(database, id, describeSent(sent), new Date(now().getTime() + waitMs))
  }
}
