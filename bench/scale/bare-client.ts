// A process of its own: the least that a poll can cost, one conditional request on a connection of its own.
import { Pool } from 'undici'
import { z } from 'zod'

const taskSchema = z.strictObject({
  /** In order of their sources, from 1. */
  hosts: z.array(z.string()),
  requests: z.int(),
  concurrency: z.int(),
})
export type BareTask = Readonly<z.output<typeof taskSchema>>

export const bareResultSchema = z.strictObject({
  cpuMs: z.number(),
  tookMs: z.number(),
  notModified: z.int(),
})
export type BareResult = Readonly<z.output<typeof bareResultSchema>>

async function ask(host: string, source: number): Promise<boolean> {
  const pool = new Pool(`http://${host}`)
  const headers = { 'if-none-match': `"v1-${source}"`, 'user-agent': 'Bare/1.0' }
  const { statusCode, body } = await pool.request({ path: `/${source}/feed.xml`, method: 'GET', headers })
  await body.dump()
  await pool.close()
  return statusCode === 304
}

async function run({ hosts, requests, concurrency }: BareTask): Promise<BareResult> {
  let next = 0
  let notModified = 0
  const loop = async (): Promise<void> => {
    for (let index = next++; index < requests; index = next++) {
      const at = index % hosts.length
      if (await ask(hosts[at] ?? '', at + 1)) notModified++
    }
  }
  const startedAt = performance.now()
  const before = process.cpuUsage()
  await Promise.all(Array.from({ length: concurrency }, loop))
  const { user, system } = process.cpuUsage(before)
  return { cpuMs: (user + system) / 1000, tookMs: performance.now() - startedAt, notModified }
}

process.on('message', (message) => {
  void run(taskSchema.parse(message)).then((result) => process.send?.(result))
})
process.on('disconnect', () => process.exit())
