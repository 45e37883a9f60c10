import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { startMailServer, type MailServer } from '../alert/a-mail-server.ts'
import { anInstallation, type Installation } from './newsfold.ts'

// A hang guard: commands on a busy machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 })

let mail: MailServer
let newsfold: Installation

beforeAll(async () => {
  mail = await startMailServer()
  newsfold = anInstallation({ ministry: 'name: 部\nlistings: [https://ministry.example/]\n' }, { isNew: true })
})
afterAll(async () => {
  await mail.close()
  await newsfold.remove()
})

const run = (env: Record<string, string>) => newsfold.run(['alerts', 'test'], { env })

test('whoever is to be told of trouble can be told for a test, and what is wrong with that is said', async () => {
  const receivers = { NEWSFOLD_ALERT_MAIL_FROM: 'newsfold@example.org', NEWSFOLD_ALERT_MAIL_TO: 'zhang@example.org' }
  expect(await run({ ...receivers, NEWSFOLD_ALERT_SMTP_URL: mail.url })).toMatchObject({
    code: 0,
    out: 'mail: taken\n',
  })
  expect(mail.mails).toMatchObject([{ to: ['zhang@example.org'], subject: 'Newsfold ✗ 测试 · test' }])
  const away = await run({ ...receivers, NEWSFOLD_ALERT_SMTP_URL: 'smtp://ops:hunter2@127.0.0.1:1' })
  expect([away.code, away.out]).toEqual([1, expect.stringMatching(/^mail: not taken: .*ECONNREFUSED/)])
  expect(away.out + away.err).not.toContain('hunter2')
  const none = await run({})
  expect([none.code, none.err]).toEqual([2, expect.stringContaining('NEWSFOLD_ALERT_SMTP_URL')])
  const half = await run({ NEWSFOLD_ALERT_MAIL_TO: 'zhang@example.org' })
  expect([half.code, half.err]).toEqual([2, expect.stringContaining('NEWSFOLD_ALERT_MAIL_FROM: expected too')])
})

test('only what can be wrong is muted: a misspelt source would be told of all the same', async () => {
  const wrong = await newsfold.run(['alerts', 'mute', 'source:ministy'])
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('did you mean "source:ministry"?')])
  expect((await newsfold.run(['alerts', 'mute', 'qeue'])).err).toContain('did you mean "queue"')
  expect(await newsfold.run(['alerts', 'mute', 'source:ministry', '--for', '7d'])).toMatchObject({ code: 0 })
})
