import { setTimeout as sleep } from 'node:timers/promises'
import { UnreachableError } from '../model/errors.ts'
import type { Leave, Patience } from './request-places.ts'
import { RunStopped, type PoliteContext } from './run-context.ts'

/** A run waits this much beyond its own pace; hosts that want more are left to the next run. */
const patienceMs = 60_000

interface Asked {
  readonly url: string
  readonly host: string
  readonly delayMs: number
  readonly patience: Patience
}

/**
 * What one request holds until it is answered: a place at its host, then a slot of the host's pace, then one of all
 * places of this process. In this order, since
 * - a slot that is taken before the host's place passes while others are asked, and the request comes when it is another
 *   one's time: of several that wait so, all come at once when the host answers at last. While its holder waits for his
 *   slot, the place keeps nobody up: those behind him have later slots;
 * - one of all places is held for hardly any wait but that for the answer: a host that is slow to ask keeps no place of
 *   others;
 * - who goes on to another host gives back what he has before: no two hold what the other one waits for.
 */
export class RequestTurn {
  readonly #context: PoliteContext
  readonly #held = new Set<Leave>()
  #asked: Asked | null = null

  constructor(context: PoliteContext) {
    this.#context = context
  }

  /**
   * Waits until an address may be asked for; what was held for another one is given back.
   * @throws {UnreachableError} `http.slow-down`: its host wants to be left alone for longer than a run waits;
   *   `http.crowded`: too many others ask; `http.superseded`: another address was asked for meanwhile, or none any more
   * @throws {RunStopped} the run is being stopped
   */
  async take(url: string, delayMs: number): Promise<void> {
    const { source, stopping, ports } = this.#context
    const { host } = new URL(url)
    const { concurrency } = source.politeness
    const patience = { withinMs: patienceMs + delayMs * (concurrency + 1), signal: stopping }
    const asked = { url, host, delayMs, patience }
    this.giveBack()
    this.#asked = asked
    if (stopping.aborted) throw new RunStopped()
    this.#refuseClosed(asked)
    this.#keep(asked, await orStopped(ports.requestPlaces.atHost(host, concurrency, patience)))
    // Others of the run may have been told so meanwhile.
    this.#refuseClosed(asked)
    await this.#takeSlot(asked)
  }

  /** The request has been answered, or will not be sent. */
  end(): void {
    this.#asked = null
    this.giveBack()
  }

  /** Before anything else is waited for. */
  giveBack(): void {
    for (const leave of this.#held) leave()
    this.#held.clear()
  }

  #keep(asked: Asked, leave: Leave | null): Leave {
    if (leave === null) {
      this.#context.closedHosts.set(asked.host, 'crowded')
      throw crowdedError(asked.url)
    }
    this.#held.add(leave)
    if (this.#asked !== asked) this.#drop(leave)
    this.#refuseSuperseded(asked)
    return leave
  }

  #drop(leave: Leave): void {
    this.#held.delete(leave)
    leave()
  }

  /** A page may send a browser on while it waits, or wait for longer than its rendering lasts. */
  #refuseSuperseded(asked: Asked): void {
    if (this.#asked !== asked) throw supersededError(asked.url)
  }

  #refuseClosed({ url, host }: Asked): void {
    const reason = this.#context.closedHosts.get(host)
    if (reason) throw reason === 'crowded' ? crowdedError(url) : slowDownError(url)
  }

  async #takeSlot(asked: Asked): Promise<void> {
    const { requestPlaces } = this.#context.ports
    let waitMs = await this.#reserve(asked)
    for (let isAgain = false; ; isAgain = true) {
      await this.#wait(asked, waitMs)
      const free = requestPlaces.tryOfAll()
      const leave = this.#keep(asked, free ?? (await orStopped(requestPlaces.ofAll(asked.patience))))
      if (free) return
      // The slot has passed meanwhile: sent now, the request might come right before the host's next one.
      waitMs = await this.#reserve(asked)
      // Where all places are always taken it would miss slot after slot: the second time it keeps what it has.
      if (waitMs <= 0 || isAgain) return await this.#wait(asked, waitMs)
      this.#drop(leave)
    }
  }

  async #wait(asked: Asked, waitMs: number): Promise<void> {
    if (waitMs <= 0) return
    await orStopped(sleep(waitMs, undefined, { signal: asked.patience.signal }))
    this.#refuseSuperseded(asked)
  }

  async #reserve(asked: Asked): Promise<number> {
    const { closedHosts, stopping, ports } = this.#context
    const { url, host, delayMs, patience } = asked
    const waitMs = await ports.pacing.reserve(host, delayMs, patience.withinMs)
    if (stopping.aborted) throw new RunStopped()
    if (waitMs === Number.POSITIVE_INFINITY) {
      closedHosts.set(host, 'slow-down')
      throw slowDownError(url)
    }
    this.#refuseSuperseded(asked)
    return waitMs
  }
}

/** What waits here is ended by one thing alone. */
async function orStopped<T>(waiting: Promise<T>): Promise<T> {
  try {
    return await waiting
  } catch {
    throw new RunStopped()
  }
}

function slowDownError(url: string): UnreachableError {
  return new UnreachableError(
    'http.slow-down',
    `Did not ask for ${url}: its host asked us to wait for longer or more often than a run does. The next run takes it; ` +
      'if this stays, give the source a longer delay.',
  )
}

function crowdedError(url: string): UnreachableError {
  return new UnreachableError(
    'http.crowded',
    `Did not ask for ${url}: expected its turn within the time that a run waits, but requests before it were not ` +
      'answered by then. The next run takes it; if this stays, have the sources of its host read less often, or raise ' +
      'NEWSFOLD_REQUESTS where hosts are asked less often than their sources say.',
  )
}

function supersededError(url: string): UnreachableError {
  return new UnreachableError(
    'http.superseded',
    `Did not ask for ${url}: what wanted it has gone on, or has ended, before its turn came. The next run takes it.`,
  )
}
