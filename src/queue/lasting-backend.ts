import type { BackendFactory, IQueueBackend } from 'bullmq'

/** What remembers its first connection, as BullMQ 6.7 does on PostgreSQL. */
function forgetFailure(of: object): void {
  const wait: unknown = Reflect.get(of, 'waitUntilReady')
  if (typeof wait !== 'function') return
  Reflect.set(of, 'waitUntilReady', async (): Promise<void> => {
    try {
      await Reflect.apply(wait, of, [])
    } catch (error) {
      Reflect.set(of, 'readyPromise', undefined)
      throw error
    }
  })
}

/**
 * A backend that connects again where its first connection has failed: BullMQ keeps the failure, and a queue that was
 * opened while its store was away, or that lost it at that moment, stayed broken for as long as the process lived.
 */
export function lasting<B extends IQueueBackend, C>(factory: BackendFactory<B, C>): BackendFactory<B, C> {
  return (...given) => {
    const backend = factory(...given)
    forgetFailure(backend)
    const connection: unknown = Reflect.get(backend, 'connection')
    if (typeof connection === 'object' && connection !== null) forgetFailure(connection)
    return backend
  }
}
