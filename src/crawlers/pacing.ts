/**
 * When hosts may be asked. One store serves all processes that share an archive, so that no two sources or workers
 * break a host's pace together.
 */
export interface PacingStore {
  /**
   * Takes the next free slot of a host for one request.
   * @param host `host` of an address: name, and port unless it is the default one
   * @param delayMs least time to the slots before and after
   * @param mostMs a slot that is further away is not taken: who does not wait for it must not make others wait
   * @returns milliseconds until the slot; 0 when the host may be asked at once, infinity when none was taken
   */
  reserve(host: string, delayMs: number, mostMs: number): Promise<number>
  /** Gives no slot of this host for so long: a time, and no instant, since clocks differ. */
  slowDown(host: string, forMs: number): Promise<void>
}

/** Pacing for one process. @param now milliseconds; absent: a clock that nobody sets */
export function createMemoryPacing(now: () => number = () => performance.now()): PacingStore {
  const slots = new Map<string, { at: number; delayMs: number }>()
  const closedUntil = new Map<string, number>()
  return {
    reserve(host, delayMs, mostMs) {
      const last = slots.get(host)
      // Two sources of one host may ask for different delays: the longer one holds between their requests.
      const free = last ? last.at + Math.max(last.delayMs, delayMs) : 0
      const asked = now()
      const at = Math.max(asked, free, closedUntil.get(host) ?? 0)
      if (at - asked > mostMs) return Promise.resolve(Number.POSITIVE_INFINITY)
      slots.set(host, { at, delayMs })
      return Promise.resolve(at - asked)
    },
    slowDown(host, forMs) {
      closedUntil.set(host, Math.max(closedUntil.get(host) ?? 0, now() + forMs))
      return Promise.resolve()
    },
  }
}
