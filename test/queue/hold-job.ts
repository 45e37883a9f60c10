// A worker process that takes one job and never ends it, so that tests can kill it in the middle.
import { z } from 'zod'
import { openJobQueue } from '../../src/queue/job-queue.ts'
import { silent } from '../silent.ts'
import { quickTiming } from './quick-timing.ts'

const to = z
  .object({ databaseUrl: z.string(), redisUrl: z.string().nullable() })
  .parse(JSON.parse(process.argv[2] ?? ''))
const queue = openJobQueue(to, silent, quickTiming)
process.once('disconnect', () => process.exit(1))
queue.work(({ sourceId }) => {
  process.send?.(sourceId)
  return new Promise(() => undefined)
}, 1)
