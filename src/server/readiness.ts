import { setTimeout as sleep } from 'node:timers/promises'
import { describeError } from '../model/errors.ts'

/** One thing that a process cannot do its work without. */
export interface ReadinessCheck {
  readonly name: string
  /** @throws what is missing; it may take as long as it likes */
  check(): Promise<void>
}

/** What a process is asked by those who want to know whether it can do its work. */
export interface ReadinessQuestion {
  readonly checks: readonly ReadinessCheck[]
  /** Whether it does its work for a while though these are missing; absent: it does not. */
  readonly goesOnWithout?: (missing: ReadonlySet<string>) => boolean
}

export interface Readiness {
  /** `degraded`: something is missing, and the work goes on. */
  readonly status: 'ready' | 'degraded' | 'not-ready'
  /** By check: `ok`, or what is missing. */
  readonly parts: Readonly<Record<string, string>>
}

/** Those who ask wait 2 s and less: load balancers, orchestrators. */
const answerWithinMs = 1500

/**
 * A question that is answered in time. A check that still runs when it is asked again is not started a second time:
 * a store that hangs must not be asked by ever more.
 */
export function createReadiness({ checks, goesOnWithout }: ReadinessQuestion): () => Promise<Readiness> {
  const running = new Map<ReadinessCheck, Promise<string>>()

  const ask = (check: ReadinessCheck): Promise<string> => {
    const before = running.get(check)
    if (before) return before
    const answer = check
      .check()
      .then(() => 'ok', describeError)
      .finally(() => running.delete(check))
    running.set(check, answer)
    return answer
  }
  const askInTime = async (check: ReadinessCheck): Promise<readonly [string, string]> => {
    const late = new AbortController()
    const isLate = sleep(answerWithinMs, `no answer within ${answerWithinMs} ms`, { signal: late.signal })
    try {
      return [check.name, await Promise.race([ask(check), isLate.catch(() => '')])]
    } finally {
      late.abort()
    }
  }

  const statusWithout = (missing: ReadonlySet<string>): Readiness['status'] => {
    if (missing.size === 0) return 'ready'
    return goesOnWithout?.(missing) ? 'degraded' : 'not-ready'
  }

  return async () => {
    const parts = await Promise.all(checks.map(askInTime))
    const missing = parts.filter(([, says]) => says !== 'ok').map(([name]) => name)
    return { status: statusWithout(new Set(missing)), parts: Object.fromEntries(parts) }
  }
}
