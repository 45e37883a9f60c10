import { setTimeout as sleep } from 'node:timers/promises'

/** As much of BullMQ's worker as keeping it at work takes. */
interface StartableWorker {
  waitUntilReady(): Promise<unknown>
  run(): Promise<void>
  close(force?: boolean): Promise<void>
}

const againMs = 1000

/**
 * Keeps a worker at work. One whose store is away while it starts never begins by itself: it is replaced until it does.
 * @param create makes a worker that does not start by itself
 */
export function keepWorking(create: () => StartableWorker, onError: (error: Error) => void): { stop(): Promise<void> } {
  const stopping = new AbortController()
  let worker = create()

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        await worker.waitUntilReady()
        await worker.run()
        // It ends by itself only when it was closed.
        if (stopping.signal.aborted) return
      } catch (error) {
        onError(error instanceof Error ? error : new Error(String(error)))
      }
      await worker.close(true).catch(() => undefined)
      await sleep(againMs, undefined, { signal: stopping.signal }).catch(() => undefined)
      if (!stopping.signal.aborted) worker = create()
    }
  }
  void run()
  return {
    stop: async () => {
      stopping.abort()
      await worker.close()
    },
  }
}
