import { Pool } from 'undici'
import type { ResolvedAddress } from './address-guard.ts'

/** Servers that do not take a connection in this time do not in the next ten seconds either. */
const connectTimeoutMs = 10_000
/** Connections are kept for a run's next request, not for the next run. */
const keepAliveMs = 10_000
/** As many sources as may be under way at once, with room; the least recently used is closed. */
const maxPools = 64

/** Connections by origin and the addresses that were checked for it, so that one is never reused for another's. */
export class ConnectionPools {
  readonly #pools = new Map<string, Pool>()

  of(origin: string, addresses: readonly ResolvedAddress[]): Pool {
    const key = [origin, ...addresses.map(({ address }) => address).toSorted()].join(' ')
    const pool = this.#pools.get(key) ?? createPool(origin, addresses)
    this.#pools.delete(key)
    this.#pools.set(key, pool)
    for (const [oldKey, old] of this.#pools) {
      if (this.#pools.size <= maxPools) break
      this.#pools.delete(oldKey)
      // Graceful: what is under way there is finished first.
      void old.close()
    }
    return pool
  }

  async close(): Promise<void> {
    const pools = [...this.#pools.values()]
    this.#pools.clear()
    await Promise.all(pools.map((pool) => pool.destroy()))
  }
}

function createPool(origin: string, addresses: readonly ResolvedAddress[]): Pool {
  return new Pool(origin, {
    connections: 16,
    keepAliveTimeout: keepAliveMs,
    keepAliveMaxTimeout: keepAliveMs,
    autoSelectFamily: true,
    connect: {
      timeout: connectTimeoutMs,
      // Dials what was checked, whatever the name resolves to by now.
      lookup: (_hostname, options, callback) => {
        const [first] = addresses
        if (options.all === true) callback(null, [...addresses])
        else callback(null, first?.address ?? '', first?.family)
      },
    },
  })
}
