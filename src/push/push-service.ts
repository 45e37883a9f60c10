import { setTimeout as sleep } from 'node:timers/promises'
import { describeError } from '../model/errors.ts'
import type { DeliveryQueue } from '../queue/delivery-queue.ts'
import type { DeliverData } from '../queue/jobs.ts'
import { confirmRequest } from './confirm-request.ts'
import { createContentDelivery } from './deliver-content.ts'
import { deliverItem } from './deliver-item.ts'
import { startDispatcher } from './dispatcher.ts'
import type { PushContext } from './push-context.ts'

/** Deliveries at the same time in one process: most of their time is waiting for others. */
const concurrency = 50

/** Deliveries that take longer are cut off by a stop, and made again by the next start. */
const stopWithinMs = 1500
/** What was cut off is noted as failed in this time, unless the archive is away. */
const endWithinMs = 500

/** Finds what is due and delivers it. @returns how to stop: what is on its way is finished first */
export function startPush(context: PushContext, queue: DeliveryQueue): () => Promise<void> {
  const steps = {
    confirm: (id: string) => confirmRequest(context, id),
    content: createContentDelivery(context),
    delivery: (id: string) => deliverItem(context, id),
  } as const
  const worker = queue.work(async ({ kind, id }: DeliverData) => {
    try {
      await steps[kind](id)
    } catch (error) {
      // It stays due, and is tried again when its job is taken for lost.
      context.log.warn({ kind, id, reason: describeError(error) }, 'delivery.disturbed')
      throw error
    }
  }, concurrency)
  const stopDispatcher = startDispatcher(context, queue)
  return async () => {
    const stopped = Promise.all([stopDispatcher(), worker.stop()])
    await Promise.race([stopped, sleep(stopWithinMs, undefined, { ref: false })])
    await context.sender.close()
    await Promise.race([stopped, sleep(endWithinMs, undefined, { ref: false })])
  }
}
