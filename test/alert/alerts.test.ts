import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { decideAlerts, type Trouble } from '../../src/alert/decide-alerts.ts'
import { webhookTarget } from '../../src/alert/alert-target.ts'
import { lookOnce } from '../../src/alert/watch-over.ts'
import { findAlerts, muteAlert, unmuteAlert, type AlertRecord } from '../../src/archive/alerts.ts'
import type { Database } from '../../src/archive/database.ts'
import { anArchive } from '../a-database.ts'
import { silent } from '../silent.ts'
import { after, startToldWebhook, type ToldWebhook } from './a-told-webhook.ts'

vi.setConfig({ testTimeout: 60_000 })

const disk: Trouble = { key: 'disk', says: '100 MB free' }

let database: Database
let webhook: ToldWebhook
let told: string[]

beforeAll(async () => {
  database = await anArchive()
  webhook = await startToldWebhook()
  told = webhook.told
})
beforeEach(async () => {
  await database.query('delete from alert_channel')
  told.splice(0)
  webhook.status = 204
})
afterAll(async () => {
  await webhook.close()
  await database.close()
})

const look = (minutes: number, troubles: readonly Trouble[]) =>
  lookOnce(
    {
      database,
      targets: [webhookTarget(webhook.sender, webhook.url)],
      log: silent,
      findTroubles: async () => troubles,
    },
    after(minutes),
  )

test('trouble that lasts is told of once, and so is its end', async () => {
  for (let minute = 0; minute < 30; minute++) await look(minute, [{ ...disk, says: `${100 - minute} MB free` }])
  expect(told).toEqual(['Newsfold\n✗ disk: 99 MB free'])
  for (let minute = 30; minute < 60; minute++) await look(minute, [])
  expect(told.slice(1)).toEqual(['Newsfold\n✓ disk: over, after 30 min'])
  expect(await findAlerts(database, 'log', after(60))).toEqual([])
})

test('what passes at once is not told of, and what comes and goes is one message', async () => {
  await look(0, [disk])
  await look(0.5, [])
  for (let minute = 1; minute < 60; minute++) await look(minute, minute % 3 === 0 ? [] : [disk])
  expect(told).toEqual(['Newsfold\n✗ disk: 100 MB free'])
})

test('a thousand sources in trouble at one moment are one message of twenty lines', async () => {
  const troubles = Array.from({ length: 1000 }, (_, n) => ({ key: `source:s${n}`, says: 'broken' }))
  await look(0, troubles)
  await look(1, troubles)
  expect(told).toHaveLength(1)
  expect(told[0]?.split('\n')).toHaveLength(22)
  expect(told[0]).toContain('… and 980 more')
})

test('a message that is not taken is sent again, and none twice', async () => {
  webhook.status = 500
  await look(0, [disk])
  await look(1, [disk])
  await look(2, [disk])
  expect(told).toEqual([])
  webhook.status = 204
  await look(3, [disk])
  await look(4, [disk])
  expect(told).toHaveLength(1)
  webhook.status = 500
  for (let minute = 5; minute < 20; minute++) await look(minute, [])
  expect(told).toHaveLength(1)
  webhook.status = 204
  await look(20, [])
  await look(21, [])
  expect(told).toHaveLength(2)
  expect(told[1]).toContain('✓ disk: over')
})

test('what is muted is not told of until it is unmuted or the time is over', async () => {
  await muteAlert(database, 'disk', after(10))
  for (let minute = 0; minute < 10; minute++) await look(minute, [disk])
  expect(told).toEqual([])
  expect(await findAlerts(database, 'webhook', after(9))).toMatchObject([{ key: 'disk', isMuted: true, toldAt: null }])
  await look(11, [disk])
  expect(told).toHaveLength(1)
  await muteAlert(database, 'source:city', null)
  const city = { key: 'source:city', says: 'gone' }
  await look(12, [disk, city])
  await look(14, [disk, city])
  expect(told).toHaveLength(1)
  expect([await unmuteAlert(database, 'source:city'), await unmuteAlert(database, 'source:city')]).toEqual([
    true,
    false,
  ])
  await look(15, [disk, city])
  expect(told[1]).toBe('Newsfold\n✗ source:city: gone')
})

test('a process that starts again tells nothing a second time', () => {
  const known: AlertRecord[] = [{ ...disk, since: after(0), toldAt: after(1), overAt: null, isMuted: false }]
  expect(decideAlerts([disk], known, after(500))).toMatchObject({ begun: [], over: [] })
})
