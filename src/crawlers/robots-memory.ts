import { isCurrent, type RobotsEntry, type RobotsStore } from './robots.ts'

/** Ten thousand files of 2 kB, as most are. */
const defaultMaxCharacters = 20_000_000

function sizeOf(origin: string, { text }: RobotsEntry): number {
  return origin.length + (text?.length ?? 0)
}

/**
 * A store in front of which this process remembers what it has asked for, until that expires: a source that is polled
 * every few minutes needs its robots.txt each time, and the file is another one only after hours.
 */
export function rememberRobots(store: RobotsStore, now: () => Date, maxCharacters = defaultMaxCharacters): RobotsStore {
  const entries = new Map<string, RobotsEntry>()
  let characters = 0

  const forget = (origin: string): void => {
    const entry = entries.get(origin)
    if (entry && entries.delete(origin)) characters -= sizeOf(origin, entry)
  }
  const remember = (origin: string, entry: RobotsEntry): void => {
    forget(origin)
    entries.set(origin, entry)
    characters += sizeOf(origin, entry)
    for (const oldest of entries.keys()) {
      if (characters <= maxCharacters) break
      forget(oldest)
    }
  }

  return {
    find: async (origin) => {
      const known = entries.get(origin)
      if (known && isCurrent(known, now())) return known
      const entry = await store.find(origin)
      if (entry) remember(origin, entry)
      return entry
    },
    save: async (origin, entry) => {
      await store.save(origin, entry)
      remember(origin, entry)
    },
  }
}
