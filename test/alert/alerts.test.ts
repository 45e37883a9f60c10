import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { decideAlerts, type Trouble } from '../../src/alert/decide-alerts.ts'
import { webhookTarget, type AlertTarget } from '../../src/alert/alert-target.ts'
import { fullDiskTeller } from '../../src/alert/full-disk.ts'
import { lookOnce, watchOver } from '../../src/alert/watch-over.ts'
import { findAlerts, muteAlert, unmuteAlert, type AlertRecord } from '../../src/archive/alerts.ts'
import { openDatabase, type Database } from '../../src/archive/database.ts'
import { freePort } from '../../src/archive/embedded/free-port.ts'
import { anArchive, anEmptyDatabase } from '../a-database.ts'
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
  await database.query('truncate alert_channel, alert_mute')
  told.splice(0)
  webhook.status = 204
})
afterAll(async () => {
  await webhook.close()
  await database.close()
})

const look = (minutes: number, troubles: readonly Trouble[], afterMs = 60_000) =>
  lookOnce(
    {
      database,
      targets: [webhookTarget(webhook.sender, webhook.url)],
      log: silent,
      afterMs,
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

const isState = (state: string): Trouble[] => [{ key: 'source:city', says: `${state}: 3 runs` }]
const lookAtStates = async (from: number, states: readonly string[]) => {
  for (const [index, state] of states.entries()) await look(from + index, isState(state))
}

test('a source whose state gets worse is told of again each time, one that wavers is not', async () => {
  await lookAtStates(0, ['degraded', 'degraded', 'broken', 'broken', 'blocked', 'blocked'])
  const known = ['Newsfold\n✗ source:city: degraded: 3 runs', 'Newsfold\n✗ source:city: broken: 3 runs']
  expect(told).toEqual(known)
  await lookAtStates(6, ['degraded', 'gone', 'degraded', 'gone', 'broken'])
  expect(told).toEqual(known)
  await lookAtStates(11, ['gone', 'gone', 'broken', 'broken', 'gone', 'gone'])
  expect(told.slice(2)).toEqual(['Newsfold\n✗ source:city: gone: 3 runs'])
  for (let minute = 17; minute < 30; minute++) await look(minute, [])
  expect(told.slice(3)).toEqual(['Newsfold\n✓ source:city: over, after 17 min'])
})

test('that a state is worse is told again when the message was not taken, and its end all the same', async () => {
  await lookAtStates(0, ['degraded', 'degraded'])
  webhook.status = 500
  await lookAtStates(2, ['gone', 'gone', 'gone'])
  expect(told).toHaveLength(1)
  webhook.status = 204
  await lookAtStates(5, ['gone', 'gone'])
  expect(told.slice(1)).toEqual(['Newsfold\n✗ source:city: gone: 3 runs'])
  webhook.status = 500
  await look(8, isState('degraded'))
  for (let minute = 9; minute < 20; minute++) await look(minute, [])
  webhook.status = 204
  await look(20, [])
  expect(told.slice(2)).toEqual(['Newsfold\n✓ source:city: over, after 9 min'])
})

test('what a program of before has told is known, and told again only when it gets worse', async () => {
  await database.query(
    `insert into alert_channel (channel, key, says, since, told_at)
     values ('webhook', 'source:city', 'degraded: 3 runs', $1, $1)`,
    [after(0)],
  )
  await lookAtStates(1, ['degraded', 'degraded', 'degraded'])
  expect(told).toEqual([])
  await lookAtStates(4, ['gone', 'gone'])
  expect(told).toEqual(['Newsfold\n✗ source:city: gone: 3 runs'])
})

test('how long trouble lasts before it is told is a setting', async () => {
  for (let minute = 0; minute < 5; minute++) await look(minute, [disk], 300_000)
  expect(told).toEqual([])
  await look(5, [disk], 300_000)
  expect(told).toHaveLength(1)
})

test('a process that starts again tells nothing a second time', () => {
  const told = { toldAt: after(1), toldSays: disk.says, worseSince: null, overAt: null, isMuted: false }
  const known: AlertRecord[] = [{ ...disk, since: after(0), ...told }]
  expect(decideAlerts([disk], known, 60_000, after(500))).toMatchObject({ begun: [], over: [] })
})

test('of a full disk everybody is told once while the archive does not answer, and of its end when it does again', async () => {
  const address = new URL(await anEmptyDatabase())
  const port = await freePort(null)
  const away = openDatabase(address.href.replace(`:${address.port}/`, `:${port}/`), silent, { retryForMs: 0 })
  const options = { targets: [webhookTarget(webhook.sender, webhook.url)], log: silent, afterMs: 60_000 }
  const watch = (database: Database) =>
    watchOver({
      ...options,
      database,
      everyMs: 10,
      isMine: () => false,
      findTroubles: async () => [],
      findFullDisk: () => disk,
    })
  const stop = watch(away)
  try {
    await expect.poll(() => told).toEqual(['Newsfold\n✗ disk: 100 MB free'])
    await sleep(200)
    expect(told).toHaveLength(1)
  } finally {
    stop()
    await away.close()
  }
  const teller = fullDiskTeller({ database, targets: [], log: silent }, () => disk)
  await teller.tell(after(0))
  await teller.remember(after(1))
  expect(await findAlerts(database, 'log', after(1))).toMatchObject([{ key: 'disk', toldAt: after(0), overAt: null }])
})

test('of a full disk those are told again whom nothing could be sent, and nobody is remembered as told before', async () => {
  const answers: (string | null)[] = ['the server does not answer', null]
  const asked: string[] = []
  const flaky: AlertTarget = {
    channel: 'webhook',
    tell: async (begun) => {
      asked.push(begun.map(({ key }) => key).join())
      return answers.shift() ?? null
    },
  }
  const teller = fullDiskTeller({ database, targets: [flaky], log: silent }, () => disk)
  await teller.tell(after(0))
  await teller.tell(after(1))
  await teller.tell(after(2))
  expect(asked).toEqual(['disk', 'disk'])
  await teller.remember(after(3))
  expect(await findAlerts(database, 'webhook', after(3))).toMatchObject([
    { key: 'disk', since: after(0), toldAt: after(1) },
  ])
})
