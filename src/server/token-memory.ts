import { setTimeout as sleep } from 'node:timers/promises'

/** Finds the feed that a token opens, by the token's hash; `null`: none. */
export type FindTokenFeed = (hash: string) => Promise<string | null>

/** A token goes on opening its feed for so long while nobody can say whether it still does. */
const rememberedForMs = 12 * 3_600_000
/** 2 MB. */
const mostTokens = 10_000
/** The archive says so within milliseconds. Who has a feed of before to read waits no longer for one that is away. */
const patienceMs = 500

interface Opened {
  readonly feedId: string
  /** When the archive said so. */
  readonly at: number
}

/**
 * Asks each time, so that what is revoked is closed at once; while there is no answer, what was answered last counts.
 * @param now milliseconds, from anywhere, of a clock that nobody sets
 */
export function rememberTokens(ask: FindTokenFeed, now: () => number): FindTokenFeed {
  const opened = new Map<string, Opened>()
  const asked = new Map<string, { readonly since: number; readonly answer: Promise<string | null> }>()

  const remember = (hash: string, feedId: string | null): void => {
    // The latest are at the end.
    opened.delete(hash)
    if (feedId === null) return
    opened.set(hash, { feedId, at: now() })
    const [oldest] = opened.keys()
    if (opened.size > mostTokens && oldest !== undefined) opened.delete(oldest)
  }
  const recall = (hash: string): string | null => {
    const known = opened.get(hash)
    return known && now() - known.at < rememberedForMs ? known.feedId : null
  }
  const askNow = async (hash: string): Promise<string | null> => {
    try {
      const feedId = await ask(hash)
      remember(hash, feedId)
      return feedId
    } finally {
      asked.delete(hash)
    }
  }

  return async (hash) => {
    // One question at a time: those who come meanwhile must not each wait for a database that is away.
    const question = asked.get(hash) ?? { since: now(), answer: askNow(hash) }
    asked.set(hash, question)
    const known = recall(hash)
    if (known === null) return question.answer
    const late = sleep(Math.max(0, question.since + patienceMs - now()), known, { ref: false })
    return Promise.race([question.answer.catch(() => known), late])
  }
}
