import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { readSettings } from '../../src/runtime/settings.ts'

function messageOf(environment: NodeJS.ProcessEnv): string {
  try {
    readSettings(environment)
  } catch (error) {
    return error instanceof Error ? error.message : ''
  }
  return 'no mistake'
}

test('with nothing set, everything has a value, and paths are absolute', () => {
  expect(readSettings({})).toMatchObject({
    DATABASE_URL: null,
    REDIS_URL: null,
    NEWSFOLD_DATA: resolve('data'),
    NEWSFOLD_CONFIG: resolve('config'),
    NEWSFOLD_HOST: '127.0.0.1',
    NEWSFOLD_PORT: 8080,
    NEWSFOLD_RUNS: 8,
    NEWSFOLD_REQUESTS: 100,
  })
})

test('an empty variable counts as not set', () => {
  expect(readSettings({ DATABASE_URL: '', NEWSFOLD_PORT: '' })).toMatchObject({
    DATABASE_URL: null,
    NEWSFOLD_PORT: 8080,
  })
})

test('all mistakes are named at once, each by its variable', () => {
  const message = messageOf({
    NEWSFOLD_PORT: '70000',
    NEWSFOLD_RUNS: 'many',
    NEWSFOLD_LOG_LEVEL: 'loud',
    REDIS_URL: 'http://127.0.0.1:6379',
    NEWSFOLD_DTAA: '/tmp',
  })
  for (const name of ['NEWSFOLD_PORT', 'NEWSFOLD_RUNS', 'NEWSFOLD_LOG_LEVEL', 'REDIS_URL', 'NEWSFOLD_DTAA']) {
    expect(message).toContain(name)
  }
  expect(message).toContain('5 mistakes')
  expect(message).toContain('"70000"')
  expect(message).toContain('redis://host:6379')
})

test('trouble is told after a minute, or after a longer time of a day at the most', () => {
  expect(readSettings({}).NEWSFOLD_ALERT_AFTER).toBe('1m')
  expect(readSettings({ NEWSFOLD_ALERT_AFTER: '1d' }).NEWSFOLD_ALERT_AFTER).toBe('1d')
  for (const wrong of ['5', '30s', '2d', 'soon']) {
    expect(messageOf({ NEWSFOLD_ALERT_AFTER: wrong })).toContain(`such as "5m", got "${wrong}"`)
  }
})

test('a misspelt name is a mistake and names the nearest one, names of other programs are none', () => {
  expect(messageOf({ NEWSFOLD_PROT: '8080' })).toContain('NEWSFOLD_PROT: no such setting; did you mean NEWSFOLD_PORT?')
  expect(messageOf({ HOME: '/root', npm_config_x: '1', NEWSFOLD_REQUIRE: 'redis' })).toBe('no mistake')
})

test.each([
  ['DATABSE_URL', 'DATABASE_URL'],
  ['DATABASE_URI', 'DATABASE_URL'],
  ['DATABASEURL', 'DATABASE_URL'],
  ['REDIS_ULR', 'REDIS_URL'],
  ['REDDIS_URL', 'REDIS_URL'],
  ['NEWFOLD_PORT', 'NEWSFOLD_PORT'],
])('%s is a misspelt %s, and no archive is begun elsewhere because of it', (name, meant) => {
  expect(messageOf({ [name]: 'x' })).toContain(`${name}: no such setting; did you mean ${meant}?`)
})

test('names of other programs that are like ours are no mistakes, nor are such names beside the right one', () => {
  const others = ['PGDATABASE', 'DATABASE_PATH', 'DATABASE_USER', 'DATABASE_HOST', 'DB_URL', 'REDIS_HOST', 'REDIS_TLS']
  const more = [
    'DATABASE_SSL',
    'REDIS_SSL',
    'REDIS_TTL',
    'DATABASE_URL_2',
    'REDIS_URLS',
    'RADIUS_URL',
    'BASE_URL',
    'REDIS_DB',
    'NEWS_API_KEY',
    'SCAFFOLD_PORT',
    'PORT',
    'LOG_LEVEL',
  ]
  expect(messageOf(Object.fromEntries([...others, ...more].map((name) => [name, 'x'])))).toBe('no mistake')
  expect(messageOf({ REDIS_URL: 'redis://cache', REDIS_URI: 'redis://theirs' })).toBe('no mistake')
})

test('hubs need the address of the feeds, which is said with all other mistakes', () => {
  const message = messageOf({ NEWSFOLD_HUBS: 'https://hub.example/', NEWSFOLD_PORT: 'x' })
  expect(message).toContain('2 mistakes')
  expect(message).toContain('NEWSFOLD_PUBLIC_URL: expected too, since NEWSFOLD_HUBS is set')
})

test('a wrong address is said without the password that is in it', () => {
  const message = messageOf({
    DATABASE_URL: 'mysql://newsfold:hunter2@db.example:3306/x',
    REDIS_URL: 'rediz://:hunter2@cache.example',
    NEWSFOLD_PUBLIC_URL: 'ftp://editor:hunter2@news.example',
  })
  expect(message).toContain('3 mistakes')
  expect(message).not.toContain('hunter2')
})

test('addresses of one-word hosts, sockets and TLS are taken', () => {
  for (const url of ['postgres://u@db/newsfold', 'postgresql://u:p@localhost:5433/n?sslmode=require']) {
    expect(readSettings({ DATABASE_URL: url }).DATABASE_URL).toBe(url)
  }
  expect(readSettings({ REDIS_URL: 'rediss://cache:6380/2' }).REDIS_URL).toBe('rediss://cache:6380/2')
})

test('mail needs a server, a sender and receivers, and says all that is wrong at once', () => {
  const mail = {
    NEWSFOLD_ALERT_SMTP_URL: 'smtps://ops:hunter2@mail.example:465',
    NEWSFOLD_ALERT_MAIL_FROM: 'Newsfold <newsfold@example.org>',
    NEWSFOLD_ALERT_MAIL_TO: 'zhang@example.org, li@example.org',
  }
  expect(readSettings(mail).NEWSFOLD_ALERT_MAIL_TO).toEqual(['zhang@example.org', 'li@example.org'])
  const { NEWSFOLD_ALERT_MAIL_TO: to, NEWSFOLD_ALERT_MAIL_FROM: from, NEWSFOLD_ALERT_SMTP_URL: server } = mail
  expect(messageOf({ NEWSFOLD_ALERT_MAIL_TO: to })).toContain(
    'NEWSFOLD_ALERT_SMTP_URL and NEWSFOLD_ALERT_MAIL_FROM: expected too, since NEWSFOLD_ALERT_MAIL_TO is set',
  )
  const message = messageOf({
    NEWSFOLD_ALERT_SMTP_URL: server.replace('smtps:', 'imap:'),
    NEWSFOLD_ALERT_MAIL_FROM: `${from}\r\nBcc: all@example.org`,
    NEWSFOLD_ALERT_MAIL_TO: 'zhang at example.org',
    NEWSFOLD_ALERT_WEBHOOK: 'chat.example/hunter2',
  })
  expect(message).toContain('4 mistakes')
  expect(message).not.toContain('hunter2')
})
