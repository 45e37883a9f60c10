import type { Queryable } from './database.ts'

/**
 * Takes the next free slot of a host, for all processes together. The database's clock decides, so that machines
 * whose clocks differ still agree.
 * @returns milliseconds to wait until the slot; 0 when it is now
 */
export async function reserveHostSlot(db: Queryable, host: string, delayMs: number): Promise<number> {
  const { rows } = await db.query<{ waitMs: number }>(
    `insert into host_pacing as h (host, next_slot_at) values ($1, clock_timestamp() + $2 * interval '1 ms')
     on conflict (host) do update set
       next_slot_at = greatest(h.next_slot_at, clock_timestamp()) + $2 * interval '1 ms'
     returning greatest(0, extract(epoch from next_slot_at - clock_timestamp()) * 1000 - $2)::float8 as "waitMs"`,
    [host, delayMs],
  )
  return rows[0]?.waitMs ?? 0
}

/** Asks everybody to leave a host alone until then, as `Retry-After` does. */
export async function delayHost(db: Queryable, host: string, until: Date): Promise<void> {
  await db.query(
    `insert into host_pacing as h (host, next_slot_at) values ($1, $2)
     on conflict (host) do update set next_slot_at = greatest(h.next_slot_at, excluded.next_slot_at)`,
    [host, until],
  )
}
