import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { anInstallation, hasPostgres, type Installation } from './newsfold.ts'

// A hang guard: each command is a process of its own, on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const good = 'name: 城市\nlistings: [https://city.example/news/]\n'
let newsfold: Installation
beforeAll(() => {
  newsfold = anInstallation({ city: good, ministry: good, broken: `${good}shedule: x\n` }, { isNew: true })
})
afterAll(() => newsfold.remove())

const page = `<html><head><title>全市消防检查</title></head><body><h1>全市消防检查下周开始</h1>
<p>发布时间：2019-11-05 09:30　来源：市消防</p>
<div><p>　　消防救援支队下周起检查全市商场，检查持续三周，重点是安全出口和消防栓。</p>
<p>　　检查结果向社会公布，市民可以拨打热线反映问题，热线全天有人值守。</p></div></body></html>`

test('extract prints the article of a page as JSON', async () => {
  const { code, out, err } = await newsfold.run(['extract', '--url', 'http://city.example/1.html'], { input: page })
  expect([code, err]).toEqual([0, ''])
  expect(JSON.parse(out)).toMatchObject({
    url: 'http://city.example/1.html',
    title: '全市消防检查下周开始',
    publishedAt: { at: '2019-11-05T01:30:00.000Z' },
    bodyText: expect.stringContaining('消防救援支队下周起检查全市商场'),
  })
  expect(out).not.toContain('　　')
})

test('extract --html prints the body alone', async () => {
  const { code, out } = await newsfold.run(['extract', '--html'], { input: page })
  expect(code).toBe(0)
  expect(out.trim()).toMatch(/^<p>消防救援支队下周起.*<\/p>$/s)
})

test('extract --explain says which block was taken and which witness gave the time, and refuses a zone that is none', async () => {
  const { code, out } = await newsfold.run(['extract', '--url', 'http://city.example/1.html', '--explain'], {
    input: page,
  })
  expect(code).toBe(0)
  for (const step of ['charset', 'title', 'body', 'time']) expect(out).toMatch(new RegExp(`^${step}\\s+\\S`, 'm'))
  expect(out).toContain('2019-11-05T01:30:00.000Z')
  expect(await newsfold.run(['extract', '--zone', 'Beijing'], { input: page })).toMatchObject({
    code: 2,
    err: expect.stringContaining('Asia/Shanghai'),
  })
})

test('help and version are no mistakes', async () => {
  expect(await newsfold.run(['--version'])).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
  const help = await newsfold.run(['--help'])
  expect(help.code).toBe(0)
  for (const name of ['demo', 'start', 'crawl', 'extract', 'doctor']) expect(help.out).toContain(name)
})

test('wrong use ends with 2 and says where help is', async () => {
  const wrong = [['nothing'], ['crawl'], ['extract', '--nowhere'], ['queue', 'nothing'], []]
  for (const { code, err } of await Promise.all(wrong.map((args) => newsfold.run(args)))) {
    expect(code).toBe(2)
    expect(err).toMatch(/newsfold --help|Usage:/)
  }
})

test('wrong settings end with 2, all of them named, without a stack', async () => {
  const { code, err } = await newsfold.run(['feed', 'list'], { env: { NEWSFOLD_PROT: '1', NEWSFOLD_RUNS: '0' } })
  expect(code).toBe(2)
  expect(err).toContain('did you mean NEWSFOLD_PORT?')
  expect(err).toContain('NEWSFOLD_RUNS')
  expect(err).not.toContain('    at ')
})

test('an unknown source ends with 2 and names the nearest one', async () => {
  const { code, err } = await newsfold.run(['crawl', 'minstry'])
  expect([code, err.trim().split('\n').length]).toEqual([2, 1])
  expect(err).toContain('did you mean "ministry"?')
})

test('a broken source that is asked for by name is one line with file and line', async () => {
  const { code, err } = await newsfold.run(['crawl', 'broken'])
  expect([code, err.trim().split('\n').length]).toEqual([2, 1])
  expect(err).toMatch(/broken\.yaml:3: shedule: no such key; did you mean "schedule"\?/)
})

test('source list shows the sources that can be read, and one line for each that cannot', async () => {
  const { code, out } = await newsfold.run(['source', 'list'])
  expect(code).toBe(0)
  expect(out).toMatch(/^city .*never/m)
  expect(out).toMatch(/^ministry .*never/m)
  expect(out.split('\n').filter((line) => line.includes('broken.yaml'))).toHaveLength(1)
  expect(hasPostgres(newsfold.data)).toBe(false)
})

test('start says in one line what it leaves out, goes on with the others, and SIGTERM ends it with 0', async () => {
  const running = newsfold.start(['start'], { NEWSFOLD_LOG_LEVEL: 'silent' })
  await expect.poll(running.out, { timeout: 40_000 }).toContain('Crawling  2 sources')
  const lines = running.out().split('\n')
  expect(lines.filter((line) => line.includes('broken.yaml'))).toHaveLength(1)
  const url = /http:\S+\/feeds\/all\.rss/.exec(running.out())?.[0] ?? ''
  expect((await fetch(url)).status).toBe(200)
  running.child.kill('SIGTERM')
  expect((await running.finished).code).toBe(0)
  expect(hasPostgres(newsfold.data)).toBe(false)
})

test('the queue is told and tells across processes', async () => {
  expect(await newsfold.run(['queue', 'pause'])).toMatchObject({ code: 0, out: expect.stringContaining('Paused') })
  const { code, out } = await newsfold.run(['queue', 'status', '--json'])
  expect(code).toBe(0)
  expect(JSON.parse(out)).toMatchObject({ backend: 'postgres', isPaused: true, counts: expect.any(Object) })
  expect(await newsfold.run(['queue', 'resume'])).toMatchObject({ code: 0, out: 'Resumed: everything\n' })
  expect(await newsfold.run(['queue', 'failed'])).toMatchObject({ code: 0 })
})

const findingsSchema = z.array(z.object({ what: z.string(), state: z.string(), says: z.string() }))

test('doctor finds what is wrong with a set-up, without passwords, and ends with 1', async () => {
  const env = {
    DATABASE_URL: 'postgresql://newsfold:hunter2@127.0.0.1:1/newsfold',
    REDIS_URL: 'redis://:hunter2@127.0.0.1:1',
  }
  const { code, out, err } = await newsfold.run(['doctor', '--json'], { env })
  expect([code, err]).toEqual([1, ''])
  const problems = findingsSchema.parse(JSON.parse(out)).filter(({ state }) => state === 'problem')
  expect(problems.map(({ what }) => what)).toEqual(['database', 'Redis', 'sources'])
  expect(problems[0]?.says).toMatch(/127\.0\.0\.1:1.*ECONNREFUSED.*correct host and port in DATABASE_URL/)
  expect(problems[1]?.says).toMatch(/127\.0\.0\.1:1.*ECONNREFUSED.*correct host and port in REDIS_URL/)
  expect(problems[2]?.says).toMatch(/2 can be read, 1 cannot:\n.*broken\.yaml:3/)
  expect(out).not.toContain('hunter2')
})

test('a database that cannot be used is one line without its password and without a stack', async () => {
  const env = { DATABASE_URL: 'postgresql://newsfold:hunter2@localhost:1/newsfold', NEWSFOLD_LOG_LEVEL: 'silent' }
  const { code, err } = await newsfold.run(['source', 'list'], { env })
  expect([code, err.trim().split('\n').length]).toEqual([1, 1])
  expect(err).toMatch(
    / at postgresql:\/\/newsfold@localhost:1\/newsfold cannot be used: .*ECONNREFUSED.*start it, or correct host and port in DATABASE_URL/,
  )
  expect(err).not.toContain('hunter2')
})

test.each([
  [['crawl', 'city', '--since', '2026-01-01'], '--since goes with --backfill'],
  [['crawl', 'city', '--tag', 'local'], '--tag goes with --now'],
  [['crawl', 'city', '--backfill', '--dry-run'], "'--dry-run' cannot be used with option '--backfill'"],
  [['crawl', 'city', '--backfill', '--now'], "'--now' cannot be used with option '--backfill'"],
  [['queue', 'pause', '--source', 'city', '--crawls'], "cannot be used with option '--crawls'"],
])('flags that do not go together are refused and not passed over: %s', async (args, says) => {
  const { code, err } = await newsfold.run(args)
  expect([code, err]).toEqual([2, expect.stringContaining(says)])
})

test('doctor has nothing to say against a set-up that works, and leaves no PostgreSQL running', async () => {
  const fine = anInstallation({ city: good })
  try {
    const { code, out } = await fine.run(['doctor'])
    expect(code).toBe(0)
    expect(out).not.toContain('✗')
    expect(out).toMatch(/embedded database +PostgreSQL \d+/)
    expect(hasPostgres(fine.data)).toBe(false)
  } finally {
    await fine.remove()
  }
})
