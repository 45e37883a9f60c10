import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { settingsSchema } from '../../src/runtime/settings.ts'

const files = ['Dockerfile', 'compose.yaml', 'deploy/newsfold.service']
const composeSchema = z.object({
  services: z.record(
    z.string(),
    z.looseObject({
      command: z.array(z.string()).optional(),
      // `null`: as it is where compose runs.
      environment: z.record(z.string(), z.string().nullable()).optional(),
    }),
  ),
})

test.each(files)('%s names settings that there are', (file) => {
  const named = [...readFileSync(file, 'utf8').matchAll(/\b(NEWSFOLD_[A-Z_]+|DATABASE_URL|REDIS_URL)\b/g)]
  expect(named.length).toBeGreaterThan(1)
  expect(named.map(([name]) => name).filter((name) => !(name in settingsSchema.shape))).toEqual([])
})

test('the composed services crawl and serve apart, on one database and one Redis that keeps its data', () => {
  const { services } = composeSchema.parse(parse(readFileSync('compose.yaml', 'utf8'), { merge: true }))
  expect([services['work']?.command, services['serve']?.command]).toEqual([['work'], ['serve']])
  for (const name of ['work', 'serve']) {
    expect(services[name]?.environment).toMatchObject({ REDIS_URL: 'redis://redis:6379' })
    expect(services[name]?.environment?.['DATABASE_URL']).toContain('@db:5432/')
    expect(services[name]).toMatchObject({ read_only: true, cap_drop: ['ALL'] })
  }
  expect(services['redis']?.command).toEqual(
    expect.arrayContaining(['--appendonly', 'yes', '--maxmemory-policy', 'noeviction']),
  )
})

test('the composed services are given every setting of alerts, retention and the public address', () => {
  const { services } = composeSchema.parse(parse(readFileSync('compose.yaml', 'utf8'), { merge: true }))
  const wanted = Object.keys(settingsSchema.shape).filter((name) =>
    /^NEWSFOLD_(ALERT_|KEEP_|CONTACT$|PUBLIC_URL$|HOST_NAMES$|HUBS$)/.test(name),
  )
  expect(wanted.length).toBeGreaterThan(8)
  for (const name of ['work', 'serve']) {
    const given = Object.keys(services[name]?.environment ?? {})
    expect(wanted.filter((setting) => !given.includes(setting))).toEqual([])
  }
})

test('nothing runs as root: neither the image nor the unit', () => {
  expect(readFileSync('Dockerfile', 'utf8')).toMatch(/^USER node$/m)
  expect(readFileSync('deploy/newsfold.service', 'utf8')).toMatch(/^User=newsfold$/m)
})

test('what the unit and the image start is there', () => {
  expect(readFileSync('deploy/newsfold.service', 'utf8')).toContain('node bin/newsfold.js start')
  expect(readFileSync('Dockerfile', 'utf8')).toContain('ENTRYPOINT ["node", "bin/newsfold.js"]')
  expect(existsSync('bin/newsfold.js')).toBe(true)
})
