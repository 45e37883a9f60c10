import type { BackendFactory, IQueueBackend } from 'bullmq'

/**
 * A backend whose connections are not named. BullMQ 6.7 names the connection that a worker listens on beside everything
 * else, on PostgreSQL by opening it: a worker that is closed a tenth of a second after its start leaves it open for good,
 * and with it the process and the embedded server.
 */
export function nameless<B extends IQueueBackend, C>(factory: BackendFactory<B, C>): BackendFactory<B, C> {
  return (...given) => {
    const backend = factory(...given)
    backend.setName = () => Promise.resolve()
    return backend
  }
}
