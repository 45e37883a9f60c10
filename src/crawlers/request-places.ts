/** Gives a place back; again does nothing. */
export type Leave = () => void

export interface Patience {
  readonly withinMs: number
  readonly signal: AbortSignal
}

/** Places of requests that are open to publishers, for all that ask in one process; first come, first served. */
export interface RequestPlaces {
  /**
   * Waits for a place at a host.
   * @param host `host` of an address: name, and port unless it is the default one
   * @param most requests open to it, this one included. Those inside have said so as well: the smallest holds
   * @returns `null` when there was none in time
   * @throws the signal's reason
   */
  atHost(host: string, most: number, patience: Patience): Promise<Leave | null>
  /** Takes one of all places if that needs no waiting. */
  tryOfAll(): Leave | null
  /**
   * Waits for one of all places. Whoever has one needs nothing else but the answer: neither a slot nor a host's place.
   * @returns `null` when there was none in time
   * @throws the signal's reason
   */
  ofAll(patience: Patience): Promise<Leave | null>
}

interface Waiting {
  readonly most: number
  readonly letIn: () => void
}

/** Lets in one after the other, as many at a time as each of those inside, and the next one, allow. */
class Gate {
  readonly #inside = new Set<{ readonly most: number }>()
  readonly #waiting = new Set<Waiting>()
  readonly #onEmpty: () => void

  constructor(onEmpty: () => void) {
    this.#onEmpty = onEmpty
  }

  tryEnter(most: number): Leave | null {
    return this.#waiting.size === 0 && this.#hasRoom(most) ? this.#enter(most) : null
  }

  async enter(most: number, patience: Patience): Promise<Leave | null> {
    return this.tryEnter(most) ?? (await this.#wait(most, patience))
  }

  #wait(most: number, { withinMs, signal }: Patience): Promise<Leave | null> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', onAbort)
        this.#waiting.delete(waiting)
      }
      const waiting: Waiting = {
        most,
        letIn: () => {
          end()
          resolve(this.#enter(most))
        },
      }
      const giveUp = (): void => {
        end()
        // Those behind it may be content with less room.
        this.#next()
      }
      const onAbort = (): void => {
        giveUp()
        reject(signal.reason)
      }
      const onLate = (): void => {
        giveUp()
        resolve(null)
      }
      const timer = setTimeout(onLate, withinMs)
      signal.addEventListener('abort', onAbort, { once: true })
      this.#waiting.add(waiting)
    })
  }

  #hasRoom(most: number): boolean {
    const count = this.#inside.size
    if (count >= most) return false
    for (const each of this.#inside) if (count >= each.most) return false
    return true
  }

  #enter(most: number): Leave {
    const place = { most }
    this.#inside.add(place)
    return () => {
      if (this.#inside.delete(place)) this.#next()
    }
  }

  #next(): void {
    for (const waiting of this.#waiting) {
      if (!this.#hasRoom(waiting.most)) return
      waiting.letIn()
    }
    if (this.#inside.size === 0) this.#onEmpty()
  }
}

/** @param mostOfAll open requests of this process */
export function createRequestPlaces(mostOfAll: number): RequestPlaces {
  const hosts = new Map<string, Gate>()
  const all = new Gate(() => undefined)
  const gateOf = (host: string): Gate => {
    const known = hosts.get(host)
    if (known) return known
    const gate = new Gate(() => hosts.delete(host))
    hosts.set(host, gate)
    return gate
  }
  return {
    atHost: async (host, most, patience) => {
      patience.signal.throwIfAborted()
      return await gateOf(host).enter(most, patience)
    },
    tryOfAll: () => all.tryEnter(mostOfAll),
    ofAll: async (patience) => {
      patience.signal.throwIfAborted()
      return await all.enter(mostOfAll, patience)
    },
  }
}
