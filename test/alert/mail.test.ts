import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { alertMail } from '../../src/alert/alert-mail.ts'
import { mailTarget, webhookTarget, type AlertTarget } from '../../src/alert/alert-target.ts'
import type { Trouble } from '../../src/alert/decide-alerts.ts'
import { lookOnce } from '../../src/alert/watch-over.ts'
import { muteAlert, type AlertRecord } from '../../src/archive/alerts.ts'
import type { Database } from '../../src/archive/database.ts'
import { anArchive } from '../a-database.ts'
import { silent } from '../silent.ts'
import { startMailServer, type MailServer } from './a-mail-server.ts'
import { after, startToldWebhook, type ToldWebhook } from './a-told-webhook.ts'

vi.setConfig({ testTimeout: 60_000 })

const broken: Trouble = { key: 'source:ndrc', says: 'broken: 3 runs failed:\nstatus 500' }

let database: Database
let mail: MailServer
let chat: ToldWebhook

beforeAll(async () => {
  database = await anArchive()
  mail = await startMailServer()
  chat = await startToldWebhook()
})
beforeEach(async () => {
  await database.query('truncate alert_channel, alert_mute')
})
afterAll(async () => {
  await chat.close()
  await mail.close()
  await database.close()
})

const byMail = (over: Partial<Parameters<typeof mailTarget>[0]> = {}) =>
  mailTarget({
    smtpUrl: mail.url,
    from: 'Newsfold <newsfold@example.org>',
    to: ['zhang@example.org', 'li@example.org'],
    publicUrl: 'https://news.example',
    ...over,
  })
const look = (minute: number, troubles: readonly Trouble[], targets: readonly AlertTarget[] = [byMail()]) =>
  lookOnce({ database, targets, log: silent, afterMs: 60_000, findTroubles: async () => troubles }, after(minute))
const lookUntil = async (
  minutes: readonly number[],
  troubles: readonly Trouble[],
  targets?: readonly AlertTarget[],
) => {
  for (const minute of minutes) await look(minute, troubles, targets)
}
const minutes = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => from + n)

test('a source in trouble is one mail that names it and its state in both languages, and its end is another', async () => {
  const before = mail.mails.length
  await lookUntil(minutes(0, 30), [broken])
  expect(mail.mails.slice(before)).toEqual([
    {
      from: 'newsfold@example.org',
      to: ['zhang@example.org', 'li@example.org'],
      subject: 'Newsfold ✗ 来源 ndrc 失败 · source ndrc broken',
      contentType: 'text/plain; charset=utf-8',
      text:
        '✗ 来源 ndrc 失败（自 2026-11-23 04:00 UTC）\n' +
        '  source ndrc broken: 3 runs failed: status 500\n' +
        '  https://news.example/operator/sources/ndrc\n\n' +
        '不想再收到 To hear no more of it: newsfold alerts mute source:ndrc --for 7d',
    },
  ])
  await lookUntil(minutes(30, 60), [])
  expect(mail.mails.slice(before + 1).map(({ subject, text }) => [subject, text])).toEqual([
    [
      'Newsfold ✓ 来源 ndrc 失败 · source ndrc broken',
      '✓ 来源 ndrc 失败：已恢复\n  source ndrc broken: over, after 30 min',
    ],
  ])
})

test('a mail that is not taken is sent again until it is, and the webhook hears nothing twice', async () => {
  const [before, hooks] = [mail.mails.length, chat.told.length]
  const targets = [webhookTarget(chat.sender, chat.url), byMail()]
  mail.answer = '451 try later'
  await lookUntil(minutes(0, 5), [broken], targets)
  expect([mail.mails.length - before, chat.told.length - hooks]).toEqual([0, 1])
  mail.answer = '250 taken'
  await lookUntil(minutes(5, 10), [broken], targets)
  expect([mail.mails.length - before, chat.told.length - hooks]).toEqual([1, 1])
})

test('a mail server that is not there, and a webhook beside it, do not wait for one another', async () => {
  const [before, hooks] = [mail.mails.length, chat.told.length]
  const nowhere = byMail({ smtpUrl: 'smtp://127.0.0.1:1' })
  await lookUntil([0, 1, 2], [broken], [nowhere, webhookTarget(chat.sender, chat.url)])
  expect(chat.told.length - hooks).toBe(1)
  await lookUntil([3], [broken])
  expect(mail.mails.length - before).toBe(1)
})

test('what is muted is not mailed', async () => {
  const before = mail.mails.length
  await muteAlert(database, 'source:ndrc', null)
  await lookUntil([0, 1, 2], [broken])
  expect(mail.mails).toHaveLength(before)
})

test('a target that was left out for a time is told of nothing that is long over', async () => {
  const before = mail.mails.length
  await lookUntil([0, 1], [broken])
  await lookUntil([2], [broken], [])
  await lookUntil(minutes(3, 30), [])
  expect(mail.mails).toHaveLength(before + 1)
})

test('a thousand troubles at one moment are one mail of twenty', () => {
  const records: AlertRecord[] = Array.from({ length: 1000 }, (_, n) => ({
    key: `source:s${n}`,
    says: 'blocked: kept out by HTTP 403',
    since: after(0),
    toldAt: null,
    toldSays: null,
    worseSince: null,
    overAt: null,
    isMuted: false,
  }))
  const { subject, text } = alertMail(records, records.slice(0, 1), null)
  expect(subject).toBe('Newsfold ✗ 1000 个问题 in trouble ✓ 来源 s0 被拒 · source s0 blocked')
  expect(text.match(/✗/g)).toHaveLength(20)
  expect(text).toContain('… 还有 980 项 and 980 more')
  expect(text).not.toContain('/operator/')
})
