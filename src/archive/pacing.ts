import { prepare, type Queryable } from './database.ts'

/**
 * How far ahead a slot can lie that somebody waits for: a minute beyond the paces of those who may wait with him, of
 * whom a source has sixteen at the most; and another minute, by which clocks are set right. The row's delay is the one
 * that was asked for with its slot.
 */
const mostWaitMs = 120_000
const mostPaces = 17
/** `Retry-After` is heeded for a day at the most; and an hour, by which clocks are set right. */
const mostClosedMs = 25 * 3_600_000

// What lies further ahead was written by a clock that has been set back since: the slot counts as one of this moment.
const soon = (ms: string) => `clock_timestamp() + ${ms} * interval '1 ms'`
const lastSlot = `case when h.slot_at <= ${soon(`(${mostWaitMs} + ${mostPaces} * h.delay_ms)`)} then h.slot_at
  else clock_timestamp() end`
const closedUntil = `case when h.closed_until <= ${soon(String(mostClosedMs))} then h.closed_until end`
const nextSlot = `greatest(${lastSlot} + greatest(h.delay_ms, excluded.delay_ms) * interval '1 ms', ${closedUntil})`

// Not waited for until it is on the disk: what a server forgets when it dies is over before it is back.
// In one order, so that no two processes wait for each other.
const reserveStatement = prepare(
  'reserve-host-slots',
  `with soon as (select set_config('synchronous_commit', 'off', true) as is_set)
     insert into host_pacing as h (host, slot_at, delay_ms)
     select asked.host, clock_timestamp(), asked.delay_ms
     from soon, unnest($1::text[], $2::float8[]) as asked (host, delay_ms) where is_set is not null order by 1
     on conflict (host) do update set
       slot_at = greatest(clock_timestamp(), ${nextSlot}), delay_ms = excluded.delay_ms, closed_until = ${closedUntil}
     where ${nextSlot} <= ${soon('($3::float8[])[array_position($1::text[], h.host)]')}
     returning host, greatest(0, extract(epoch from slot_at - clock_timestamp()) * 1000)::float8 as "waitMs"`,
)

interface Asked {
  readonly host: string
  readonly delayMs: number
  readonly mostMs: number
  readonly resolve: (waitMs: number) => void
  readonly reject: (error: unknown) => void
}

/** Those of different hosts: one statement can give one slot of a host. */
function splitByHost(asked: readonly Asked[]): { first: Asked[]; later: Asked[] } {
  const hosts = new Set<string>()
  const [first, later]: [Asked[], Asked[]] = [[], []]
  for (const each of asked) {
    ;(hosts.has(each.host) ? later : first).push(each)
    hosts.add(each.host)
  }
  return { first, later }
}

async function reserveAll(db: Queryable, asked: readonly Asked[]): Promise<void> {
  try {
    const values = [
      asked.map(({ host }) => host),
      asked.map(({ delayMs }) => delayMs),
      asked.map(({ mostMs }) => mostMs),
    ]
    const { rows } = await db.query<{ host: string; waitMs: number }>(reserveStatement, values)
    const waits = new Map(rows.map(({ host, waitMs }) => [host, waitMs]))
    for (const { host, resolve } of asked) resolve(waits.get(host) ?? Number.POSITIVE_INFINITY)
  } catch (error) {
    for (const { reject } of asked) reject(error)
  }
}

/**
 * Gives out the slots of hosts, for all processes together. The database's clock decides, so that machines whose clocks
 * differ still agree; what it wrote before it was set back does not hold for as long. Two sources of one host may ask
 * for different delays: the longer one holds between their requests. What is asked for while a statement is under way is
 * asked by the next one: a statement a request would cost more than the request.
 * @returns takes the next free slot of a host; answers with the milliseconds to wait until then, 0 when it is now, and
 *   infinity when it is further away than the third argument: then it is left to others
 */
export function hostSlots(db: Queryable): (host: string, delayMs: number, mostMs: number) => Promise<number> {
  let waiting: Asked[] = []
  let isRunning = false

  const run = async (): Promise<void> => {
    isRunning = true
    while (waiting.length > 0) {
      const { first, later } = splitByHost(waiting)
      waiting = later
      await reserveAll(db, first)
    }
    isRunning = false
  }
  return (host, delayMs, mostMs) =>
    new Promise((resolve, reject) => {
      waiting.push({ host, delayMs, mostMs, resolve, reject })
      // After all that is ready at this moment has asked.
      if (!isRunning) setImmediate(() => void (isRunning || run()))
    })
}

/** Asks everybody to leave a host alone for so long, as `Retry-After` does. */
export async function delayHost(db: Queryable, host: string, forMs: number): Promise<void> {
  await db.query(
    `insert into host_pacing as h (host, slot_at, delay_ms, closed_until)
     values ($1, '-infinity', 0, clock_timestamp() + $2 * interval '1 ms')
     on conflict (host) do update set closed_until = greatest(${closedUntil}, excluded.closed_until)`,
    [host, forMs],
  )
}
