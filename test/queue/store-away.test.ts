import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { openEmbeddedServer, type EmbeddedServer } from '../../src/archive/embedded/server.ts'
import { readPostmasterFile } from '../../src/archive/embedded/postmaster-file.ts'
import { openDeliveryQueue } from '../../src/queue/delivery-queue.ts'
import { openJobQueue, type JobQueue } from '../../src/queue/job-queue.ts'
import { silent } from '../silent.ts'

// A hang guard: a busy machine takes its time to start a server.
vi.setConfig({ testTimeout: 90_000 })

const folder = mkdtempSync(join(tmpdir(), 'newsfold-store-away-'))
let postgres: EmbeddedServer
let queue: JobQueue

beforeAll(async () => {
  postgres = await openEmbeddedServer(folder, silent)
  queue = openJobQueue({ databaseUrl: postgres.connectionString, redisUrl: null }, silent)
  await queue.ready()
})
afterAll(async () => {
  await queue.close()
  await postgres.stop()
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
})

test('queues that are opened while their store is away work when it is back', async () => {
  process.kill(readPostmasterFile(join(folder, 'postgres', 'data'))?.pid ?? 0, 'SIGKILL')
  const to = { databaseUrl: postgres.connectionString, redisUrl: null }
  const crawls = openJobQueue(to, silent)
  const deliveries = openDeliveryQueue(to, silent)
  await expect(deliveries.counts()).rejects.toThrow(/connect/i)
  const ready = crawls.ready()
  postgres = await openEmbeddedServer(folder, silent)
  await ready
  expect(await crawls.counts()).toMatchObject({ waiting: 0 })
  expect(await deliveries.counts()).toMatchObject({ waiting: 0 })
  await crawls.close()
  await deliveries.close()
})

test('a worker that starts while its store is away works as soon as the store is back', async () => {
  process.kill(readPostmasterFile(join(folder, 'postgres', 'data'))?.pid ?? 0, 'SIGKILL')
  const seen: string[] = []
  const worker = queue.work(async ({ sourceId }) => {
    seen.push(sourceId)
    return { kind: 'done' }
  }, 1)
  postgres = await openEmbeddedServer(folder, silent)
  await queue.addCrawl('city')
  await expect.poll(() => seen, { timeout: 30_000 }).toEqual(['city'])
  await worker.stop()
})
