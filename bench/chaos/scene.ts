import type { Moment, Target } from './kill-plan.ts'

/** How Newsfold is set up in a scene. */
export interface SetUp {
  /** Two `newsfold work` and a `newsfold serve` instead of one `newsfold start`. */
  readonly apart: boolean
  /** The queue is on Redis, else on PostgreSQL. */
  readonly redis: boolean
  /** `embedded`: Newsfold starts it; `own`: it is there already, named by `DATABASE_URL`. */
  readonly database: 'embedded' | 'own'
  /** The data folder is on a file system that is small enough to be filled. */
  readonly smallDisk: boolean
  /** Seconds between the ticks of each source. */
  readonly everySeconds: number
}

/** One kind of harm, done again and again. */
export interface Scene {
  readonly name: string
  readonly hits: number
  readonly targets: readonly Target[]
  readonly moments: readonly Moment[]
  readonly setUp: SetUp
}

/** The shortest interval that sources may have. */
const shortestSeconds = 5
/** So long that work which was cut off goes on by itself, and not because the next tick comes anyway. */
const longerSeconds = 20

const allMoments = ['start-up', 'crawl', 'idle'] as const
const whileRunning = ['crawl', 'idle'] as const
const together = {
  apart: false,
  redis: false,
  database: 'embedded',
  smallDisk: false,
  everySeconds: shortestSeconds,
} as const satisfies SetUp
const apart = { ...together, apart: true } as const satisfies SetUp

type Hits = (hits: number) => Scene

/** The mixed scene of a plain `--kills N`. */
export function mixedScene(hits: number, options: { readonly apart: boolean; readonly redis: boolean }): Scene {
  const targets: Target[] = [
    ...(options.apart ? (['worker', 'server'] as const) : (['process'] as const)),
    'postgres',
    'both',
    ...(options.redis ? (['redis'] as const) : []),
  ]
  return { name: 'kills', hits, targets, moments: allMoments, setUp: { ...together, ...options } }
}

/** Scenes that have a flag of their own, each with the number of hits in the whole campaign. */
export const scenes = {
  'start-kills': {
    says: 'kills of the all-in-one process, queue on PostgreSQL',
    hits: 60,
    of: (hits) => ({ name: 'start', hits, targets: ['process'], moments: allMoments, setUp: together }),
  },
  'start-redis-kills': {
    says: 'kills of the all-in-one process, queue on Redis',
    hits: 30,
    of: (hits) => ({
      name: 'start, Redis',
      hits,
      targets: ['process'],
      moments: allMoments,
      setUp: { ...together, redis: true },
    }),
  },
  'apart-kills': {
    says: 'kills of two workers and a server, queue on PostgreSQL',
    hits: 55,
    of: (hits) => ({ name: 'apart', hits, targets: ['worker', 'server'], moments: allMoments, setUp: apart }),
  },
  'apart-redis-kills': {
    says: 'kills of two workers and a server, queue on Redis, ticks 20 s apart',
    hits: 55,
    of: (hits) => ({
      name: 'apart, Redis',
      hits,
      targets: ['worker', 'server'],
      moments: allMoments,
      setUp: { ...apart, redis: true, everySeconds: longerSeconds },
    }),
  },
  'postgres-kills': {
    says: 'kills of the embedded PostgreSQL',
    hits: 20,
    of: (hits) => ({ name: 'PostgreSQL', hits, targets: ['postgres', 'both'], moments: allMoments, setUp: together }),
  },
  'postgres-away': {
    says: 'a PostgreSQL named by DATABASE_URL goes for up to 12 s and comes back',
    hits: 6,
    of: (hits) => ({
      name: 'PostgreSQL away',
      hits,
      targets: ['postgres-away'],
      moments: whileRunning,
      setUp: { ...apart, database: 'own' },
    }),
  },
  'postgres-away-long': {
    says: 'the same for 75 s, queue on Redis',
    hits: 2,
    of: (hits) => ({
      name: 'PostgreSQL away for long, Redis',
      hits,
      targets: ['postgres-away-long'],
      moments: ['crawl'],
      setUp: { ...apart, redis: true, database: 'own' },
    }),
  },
  'redis-away': {
    says: 'Redis goes for up to 6 s and comes back',
    hits: 6,
    of: (hits) => ({
      name: 'Redis away',
      hits,
      targets: ['redis'],
      moments: whileRunning,
      setUp: { ...apart, redis: true },
    }),
  },
  'redis-emptied': {
    says: 'Redis loses everything (FLUSHALL)',
    hits: 6,
    of: (hits) => ({
      name: 'Redis emptied',
      hits,
      targets: ['emptied'],
      moments: whileRunning,
      setUp: { ...apart, redis: true },
    }),
  },
  frozen: {
    says: 'a worker is stopped for longer than its locks hold, or its leases, and goes on, queue on PostgreSQL',
    hits: 4,
    of: (hits) => ({
      name: 'frozen worker',
      hits,
      targets: ['frozen', 'frozen-long'],
      moments: ['crawl'],
      setUp: apart,
    }),
  },
  'frozen-redis': {
    says: 'the same on Redis',
    hits: 4,
    of: (hits) => ({
      name: 'frozen worker, Redis',
      hits,
      targets: ['frozen', 'frozen-long'],
      moments: ['crawl'],
      setUp: { ...apart, redis: true },
    }),
  },
  'disk-full': {
    says: 'the disk is full to the last byte and has room again',
    hits: 3,
    of: (hits) => ({
      name: 'disk full',
      hits,
      targets: ['disk'],
      moments: ['crawl'],
      setUp: { ...together, smallDisk: true },
    }),
  },
  clock: {
    says: 'the clock of the whole moves by an hour or a day, forwards or back',
    hits: 8,
    of: (hits) => ({ name: 'clock', hits, targets: ['clock'], moments: whileRunning, setUp: together }),
  },
  'clock-apart': {
    says: 'the clock of one worker moves, queue on Redis',
    hits: 6,
    of: (hits) => ({
      name: 'clock of one worker',
      hits,
      targets: ['clock'],
      moments: whileRunning,
      setUp: { ...apart, redis: true },
    }),
  },
} as const satisfies Readonly<Record<string, { says: string; hits: number; of: Hits }>>
