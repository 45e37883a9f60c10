import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { keepStory } from '../test/keep-story.ts'
import { aNewsfold } from '../test/push/a-newsfold.ts'
import { aSubscriber } from '../test/push/a-subscriber.ts'
import { generateArchive } from './generated-archive.ts'

const subscribers = 500
const releases = 5
/** All of them are in the feed, so that each release changes it. */
const feedItems = 50
/** The promise is 2 s; one that takes this long has failed. */
const patienceMs = 15_000

function ofSorted(sorted: readonly number[], share: number): string {
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(0)
}

/** From the commit of a release to its arrival at each of 500 WebSub subscribers of one feed, over real HTTP. */
export async function run(): Promise<void> {
  const { database, close } = await generateArchive(feedItems - releases)
  const subscriber = await aSubscriber()
  const newsfold = await aNewsfold(database, { allowPrivateHosts: [subscriber.host] })
  try {
    for (let number = 0; number < subscribers; number++) {
      await database.query(
        `insert into subscription (id, topic, callback, secret, expires_at, sent_hash, created_at)
         values ($1, $2, $3, 'secret', now() + interval '1 day', 'before', now())`,
        [randomUUID(), newsfold.topic('all.rss'), `${subscriber.url}/callback-${number}`],
      )
    }
    for (let release = 0; release < releases; release++) {
      const before = subscriber.posts().length
      await keepStory(database, { title: `关于第${release}号工程的公告`, bodyText: `第${release}号工程今日开工。` })
      const startedAt = Date.now()
      while (subscriber.posts().length < before + subscribers && Date.now() - startedAt < patienceMs) await sleep(20)
      const lates = subscriber
        .posts()
        .slice(before)
        .map(({ at }) => at - startedAt)
        .toSorted((a, b) => a - b)
      process.stdout.write(
        `push release ${release + 1} to ${lates.length} of ${subscribers} subscribers: first ${ofSorted(lates, 0)} ms, ` +
          `median ${ofSorted(lates, 0.5)} ms, last ${ofSorted(lates, 1)} ms (at most 2000)\n`,
      )
      // What is noted of the last deliveries is no part of the next release.
      await sleep(1000)
    }
  } finally {
    await newsfold.stop()
    await subscriber.close()
    await close()
  }
}
