import { setTimeout as sleep } from 'node:timers/promises'

/** As much of BullMQ's worker as keeping it at work takes. */
interface StartableWorker {
  on(event: 'error', listener: (error: Error) => void): unknown
  waitUntilReady(): Promise<unknown>
  run(): Promise<void>
  pause(doNotWaitActive?: boolean): Promise<void>
  resume(): void
  close(force?: boolean): Promise<void>
}

const againMs = 1000

export interface KeptWorker {
  /** Takes no more jobs until `resume`; those that run go on. */
  pause(): void
  resume(): void
  /** Takes no more jobs and waits for those that run. */
  stop(): Promise<void>
}

/**
 * Keeps a worker at work. One whose store is away while it starts never begins by itself: it is replaced until it does.
 * @param create makes a worker that does not start by itself
 */
export function keepWorking(create: () => StartableWorker, onError: (error: Error) => void): KeptWorker {
  const stopping = new AbortController()
  const createHeard = (): StartableWorker => {
    const created = create()
    created.on('error', onError)
    return created
  }
  let worker = createHeard()
  let isPaused = false

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        await worker.waitUntilReady()
        if (isPaused) await worker.pause(true)
        await worker.run()
        // It ends by itself only when it was closed.
        if (stopping.signal.aborted) return
      } catch (error) {
        onError(error instanceof Error ? error : new Error(String(error)))
      }
      await worker.close(true).catch(() => undefined)
      await sleep(againMs, undefined, { signal: stopping.signal }).catch(() => undefined)
      if (!stopping.signal.aborted) worker = createHeard()
    }
  }
  void run()
  return {
    pause: () => {
      isPaused = true
      void worker.pause(true).catch(onError)
    },
    resume: () => {
      isPaused = false
      worker.resume()
    },
    stop: async () => {
      stopping.abort()
      await worker.close()
    },
  }
}
