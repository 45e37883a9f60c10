import { addDeliveries, findPings, pruneDeadLetters, savePing, type NewDelivery } from '../archive/deliveries.ts'
import { isTransient } from '../archive/database.ts'
import { nextDueAt, takeDue } from '../archive/due-work.ts'
import { logOutbox, pruneStoryLog, readOutbox, whileDispatching, type OutboxEntry } from '../archive/outbox.ts'
import { pushChannel, storyChannel } from '../archive/story-channel.ts'
import { listenTo } from '../archive/story-listener.ts'
import {
  denyTopic,
  endExpiredSubscriptions,
  markTopicContent,
  pruneRequests,
  subscribedTopics,
} from '../archive/subscriptions.ts'
import { describeError } from '../model/errors.ts'
import type { DeliveryQueue } from '../queue/delivery-queue.ts'
import type { PushContext } from './push-context.ts'
import { withoutToken } from './topic-address.ts'

/** Stories looked at in one go: enough for a crawl's burst, few enough for one statement. */
const batchSize = 500
/** A job is there soon after its row was taken; one that is still under way is not made twice, since its id is the same. */
const lostAfterMs = 10_000
/** What an emptied queue or a missed notification costs at most, beside the above. */
const idleMs = 5000
/** While the archive or the queue is away. */
const troubleMs = 1000
/** A crawl's burst is looked at in few goes, and a single release is late by this. */
const gatherMs = 100
/** Leaves connections of the pool to readers. */
const topicsAtOnce = 4
/** What is kept for days need not be looked at every second. */
const tidyMs = 600_000
/** Pages that were closed longer than that load anew. */
const logKeptMs = 7 * 86_400_000
/** A question that could not be put for a day is not waited for any more. */
const requestsKeptMs = 86_400_000
const deadLettersKeptMs = 30 * 86_400_000

/** The items that webhooks are to get of these stories. */
async function webhookDeliveries(context: PushContext, entries: readonly OutboxEntry[]): Promise<NewDelivery[]> {
  const { webhooks, publications, now } = context
  const kinds = new Map(entries.map(({ storyId, kind }) => [storyId, kind]))
  const feedIds = [...new Set(webhooks.map(({ feedId }) => feedId))]
  const found = await Promise.all(
    feedIds.map(async (feedId) => [feedId, await publications.storiesOf(feedId, [...kinds.keys()])] as const),
  )
  const stories = new Map(found)
  return webhooks.flatMap(({ key, feedId, webhook }) =>
    (stories.get(feedId) ?? []).flatMap(({ id, at }) => {
      const kind = kinds.get(id) ?? 'changed'
      const isNews = webhook.events.includes(kind) && now().getTime() - at.getTime() <= webhook.maxAge
      return isNews ? [{ channel: 'webhook', target: key, feedId, subject: id, kind } as const] : []
    }),
  )
}

async function markTopic({ database, topics, now, log }: PushContext, topic: string): Promise<void> {
  try {
    const content = await topics.read(topic)
    if (content) await markTopicContent(database, topic, content.hash, now())
    else await denyTopic(database, topic, 'There is no such feed here any more', now())
  } catch (error) {
    // One search that takes too long must not hold up everybody else; it is delivered with the next change.
    if (isTransient(error)) throw error
    log.warn({ topic: withoutToken(topic), reason: describeError(error) }, 'topic.not-rendered')
  }
}

function isSearch(topic: string): boolean {
  return topic.includes('/feeds/search.')
}

/** Makes the content of topics due to those who have not got it, and says so as it goes. */
async function markTopics(context: PushContext, marked: () => void): Promise<void> {
  const all = await subscribedTopics(context.database, context.now())
  // Feeds by name first: they are quick to render, and most are subscribed to them.
  const inOrder = [...all.filter((topic) => !isSearch(topic)), ...all.filter((topic) => isSearch(topic))]
  for (let start = 0; start < inOrder.length; start += topicsAtOnce) {
    await Promise.all(inOrder.slice(start, start + topicsAtOnce).map((topic) => markTopic(context, topic)))
    marked()
  }
}

/** The pings that hubs of others are to get. */
async function markPings(context: PushContext): Promise<void> {
  const { database, topics, hubs, pinged, now } = context
  const hashes = new Map<string, string>()
  for (const hub of hubs) {
    const known = await findPings(database, hub)
    for (const { feedId, topic } of pinged) {
      const hash = hashes.get(topic) ?? (await topics.read(topic))?.hash
      if (hash === undefined) continue
      hashes.set(topic, hash)
      if (known.get(topic) === hash) continue
      const ping = { channel: 'hub', target: hub, feedId, subject: topic, kind: 'changed' } as const
      await addDeliveries(database, [ping], now())
      await savePing(database, hub, topic, hash)
    }
  }
}

/** Beside what goes on: a queue that is away must not keep the archive's transaction open. */
async function queueSoon(context: PushContext, queue: DeliveryQueue): Promise<void> {
  try {
    await queueDue(context, queue)
  } catch (error) {
    context.log.debug({ reason: describeError(error) }, 'deliveries.not-queued')
  }
}

/** Looks at what is new or changed, and notes what is due to whom. @returns whether there may be more */
async function readNews(context: PushContext, queue: DeliveryQueue): Promise<boolean> {
  const { database, now } = context
  let count = 0
  await whileDispatching(database, async (client) => {
    const entries = await readOutbox(database, batchSize)
    count = entries.length
    if (count === 0) return
    const deliveries = await webhookDeliveries(context, entries)
    await markTopics(context, () => void queueSoon(context, queue))
    await markPings(context)
    // Together: an item that is due is looked at no more, one that is not is looked at again.
    await addDeliveries(client, deliveries, now())
    await logOutbox(client, entries, now())
  })
  return count === batchSize
}

/** Jobs for all that is due. @returns whether there may be more */
async function queueDue({ database, now }: PushContext, queue: DeliveryQueue): Promise<boolean> {
  const due = await takeDue(database, { now: now(), lostAfterMs, limit: batchSize })
  if (due.length > 0) await queue.add(due)
  return due.length >= batchSize
}

async function tidy({ database, now }: PushContext): Promise<void> {
  const at = now().getTime()
  await pruneRequests(database, new Date(at - requestsKeptMs))
  await pruneStoryLog(database, new Date(at - logKeptMs))
  await pruneDeadLetters(database, new Date(at - deadLettersKeptMs))
}

/**
 * Turns what the archive says is due into jobs, as soon as it is due: any number of processes may do it.
 * @returns how to stop
 */
export function startDispatcher(context: PushContext, queue: DeliveryQueue): () => Promise<void> {
  const { database, log, now } = context
  let timer: NodeJS.Timeout | null = null
  let isStopped = false
  let isAsked = false
  let tidiedAt = 0
  let running: Promise<void> | null = null

  const pass = async (): Promise<number> => {
    try {
      await endExpiredSubscriptions(database, now())
      if (now().getTime() - tidiedAt >= tidyMs) {
        tidiedAt = now().getTime()
        await tidy(context)
      }
      const hasMoreNews = await readNews(context, queue)
      const hasMoreDue = await queueDue(context, queue)
      if (hasMoreNews || hasMoreDue) return 0
      const next = await nextDueAt(database, now())
      return next ? Math.min(Math.max(next.getTime() - now().getTime(), 0), idleMs) : idleMs
    } catch (error) {
      log.warn({ reason: describeError(error) }, 'deliveries.not-dispatched')
      return troubleMs
    }
  }
  const schedule = (waitMs: number): void => {
    if (timer) clearTimeout(timer)
    if (!isStopped) timer = setTimeout(begin, waitMs)
  }
  const passOnce = async (): Promise<void> => {
    const waitMs = await pass()
    running = null
    schedule(isAsked ? gatherMs : waitMs)
  }
  const begin = (): void => {
    isAsked = false
    running = passOnce()
  }
  const wake = (): void => {
    if (running) isAsked = true
    else if (!isAsked) {
      isAsked = true
      schedule(gatherMs)
    }
  }
  const stopListening = listenTo(database, [storyChannel, pushChannel], log, wake)
  begin()

  return async () => {
    isStopped = true
    if (timer) clearTimeout(timer)
    await stopListening()
    await running
  }
}
