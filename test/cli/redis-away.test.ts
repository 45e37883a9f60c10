import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { freePort } from '../../src/archive/embedded/free-port.ts'
import { anInstallation, type Installation } from './newsfold.ts'

// A hang guard: whole programs on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

let newsfold: Installation

beforeAll(() => {
  newsfold = anInstallation({ city: 'name: 城市\nlistings: [https://city.example/]\n' })
})
afterAll(() => newsfold.remove())

test('commands end with an error that names the Redis that does not answer', async () => {
  const address = `127.0.0.1:${await freePort(null)}`
  const env = { REDIS_URL: `redis://:hunter2@${address}` }
  const commands = [
    ['queue', 'status'],
    ['queue', 'failed'],
    ['queue', 'retry'],
    ['queue', 'pause'],
    ['queue', 'resume'],
    ['crawl', 'city', '--now'],
  ]
  const ends = await Promise.all(commands.map((args) => newsfold.run(args, { env })))
  for (const [index, { code, out, err }] of ends.entries()) {
    expect([commands[index], code, out]).toEqual([commands[index], 1, ''])
    expect(err).toContain(`The queue's Redis at redis://${address} did not answer within 10 s (`)
    expect(err).toContain(`ECONNREFUSED ${address}`)
    expect(err).not.toContain('hunter2')
  }
})
