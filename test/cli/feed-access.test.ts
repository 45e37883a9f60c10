import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { anInstallation, type Installation, type Running } from './newsfold.ts'

// A hang guard: each command is a process of its own, on a busy machine.
vi.setConfig({ testTimeout: 60_000 })
const soon = { timeout: 30_000 }

let newsfold: Installation
let server: Running
let url: string

const urlOf = (running: Running) => /Stories\s+(http:\S+?)\/\n/.exec(running.out())?.[1] ?? ''

beforeAll(async () => {
  newsfold = anInstallation()
  const feeds =
    'feeds:\n  - { id: all, title: 全部 }\n  - { id: board, title: 董事会, private: true, ' +
    "webhooks: [{ url: 'https://chat.example/hooks/k3y', secret: hunter2 }] }\n"
  writeFileSync(join(newsfold.config, 'feeds.yaml'), feeds)
  server = newsfold.start(['start'])
  await vi.waitUntil(() => server.out().includes('Crawling'), soon)
  url = urlOf(server)
})
afterAll(() => newsfold.remove())

test('the first start makes the operator token and prints it, later ones do not', async () => {
  const [, token = ''] = /Operator\s+token (\S+)/.exec(server.out()) ?? []
  expect(server.out()).toContain(`sign in with it at ${url}/operator`)
  const file = join(newsfold.data, 'operator-token')
  expect(readFileSync(file, 'utf8').trim()).toBe(token)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const letters = await fetch(`${url}/operator/dead-letters`, { headers: { authorization: `Bearer ${token}` } })
  expect([letters.status, await letters.json()]).toEqual([200, { deadLetters: [] }])
  const second = newsfold.start(['serve'])
  await expect.poll(() => urlOf(second), soon).not.toBe('')
  expect(second.out()).not.toContain('Operator')
  second.child.kill('SIGTERM')
  await second.finished
})

test('a token is added, opens its feed, is listed without being shown, and is revoked', async () => {
  const added = await newsfold.run(['feed', 'token', 'add', 'board', '张三', '--json'], {
    env: { NEWSFOLD_PUBLIC_URL: url },
  })
  expect([added.code, added.err]).toEqual([0, ''])
  const made = z.object({ id: z.string(), token: z.string(), url: z.string() }).parse(JSON.parse(added.out))
  expect((await fetch(made.url)).status).toBe(200)
  const listed = await newsfold.run(['feed', 'token', 'list'])
  expect(listed.out).toContain('张三')
  expect(listed.out).not.toContain(made.token)
  expect(await newsfold.run(['feed', 'token', 'revoke', made.id])).toMatchObject({ code: 0 })
  expect((await fetch(made.url)).status).toBe(404)
  expect(await newsfold.run(['feed', 'token', 'revoke', made.id])).toMatchObject({ code: 2 })
})

test('a token for a feed that everybody may read, or for none, is refused with what to do', async () => {
  const open = await newsfold.run(['feed', 'token', 'add', 'all', '张三'])
  expect([open.code, open.err]).toEqual([2, expect.stringContaining('private: true')])
  const none = await newsfold.run(['feed', 'token', 'add', 'bord', '张三'])
  expect([none.code, none.err]).toEqual([2, expect.stringContaining('did you mean "board"?')])
})

test('there are no dead letters at first, and hubs of others need a public address', async () => {
  expect(await newsfold.run(['feed', 'dead-letters'])).toMatchObject({ code: 0, out: 'No dead letters.\n' })
  expect(await newsfold.run(['feed', 'dead-letters', '--retry'])).toMatchObject({ code: 0, out: 'Put back: 0\n' })
  const { code, err } = await newsfold.run(['start'], { env: { NEWSFOLD_HUBS: 'https://hub.example/' } })
  expect([code, err]).toEqual([2, expect.stringContaining('NEWSFOLD_PUBLIC_URL')])
})

test('a list of feeds shows where webhooks are, and not what would let others write to them', async () => {
  const { out } = await newsfold.run(['feed', 'list', '--json'])
  expect(JSON.parse(out)[1].webhooks).toMatchObject([{ host: 'chat.example', hasSecret: true, template: 'json' }])
  expect(out).not.toMatch(/k3y|hunter2/)
})
