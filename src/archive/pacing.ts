import { prepare, type Queryable } from './database.ts'

// Not waited for until it is on the disk: what a server forgets when it dies is over before it is back.
const reserveStatement = prepare(
  'reserve-host-slot',
  `with soon as (select set_config('synchronous_commit', 'off', true) as is_set)
     insert into host_pacing as h (host, slot_at, delay_ms)
     select $1, clock_timestamp(), $2::float8 from soon where is_set is not null
     on conflict (host) do update set
       slot_at = greatest(clock_timestamp(), h.slot_at + greatest(h.delay_ms, excluded.delay_ms) * interval '1 ms', h.closed_until),
       delay_ms = excluded.delay_ms
     returning greatest(0, extract(epoch from slot_at - clock_timestamp()) * 1000)::float8 as "waitMs"`,
)

/**
 * Takes the next free slot of a host, for all processes together. The database's clock decides, so that machines
 * whose clocks differ still agree. Two sources of one host may ask for different delays: the longer one holds between
 * their requests.
 * @returns milliseconds to wait until the slot; 0 when it is now
 */
export async function reserveHostSlot(db: Queryable, host: string, delayMs: number): Promise<number> {
  const { rows } = await db.query<{ waitMs: number }>(reserveStatement, [host, delayMs])
  return rows[0]?.waitMs ?? 0
}

/** Asks everybody to leave a host alone until then, as `Retry-After` does. */
export async function delayHost(db: Queryable, host: string, until: Date): Promise<void> {
  await db.query(
    `insert into host_pacing as h (host, slot_at, delay_ms, closed_until) values ($1, '-infinity', 0, $2)
     on conflict (host) do update set closed_until = greatest(h.closed_until, excluded.closed_until)`,
    [host, until],
  )
}
