import { expect, test } from 'vitest'
import type { Fetched } from '../../src/crawlers/http-client.ts'
import { askRobots, createMemoryRobots, type RobotsStore } from '../../src/crawlers/robots.ts'
import { RefusedError, UnreachableError } from '../../src/model/errors.ts'

const now = new Date('2019-11-05T02:00:00Z')
const traffic = { requests: 1, receivedBytes: 0 }

const aFile = (text: string): Fetched => ({
  kind: 'fetched',
  ...traffic,
  page: {
    requestedUrl: '',
    url: '',
    status: 200,
    contentType: 'text/plain',
    etag: null,
    lastModified: null,
    body: new TextEncoder().encode(text),
    fetchedAt: now,
  },
})
const aFailure = (status: number | null, error = new UnreachableError('http.status', 'it failed')): Fetched => ({
  kind: 'failed',
  ...traffic,
  url: 'https://news.example/robots.txt',
  status,
  error,
  retryAfterMs: null,
})

function ask(url: string, answer: Fetched, store: RobotsStore = createMemoryRobots(), at = now) {
  const asked: string[] = []
  const fetchRobots = (robotsUrl: string) => {
    asked.push(robotsUrl)
    return Promise.resolve(answer)
  }
  const userAgent = 'Newsfold/0.1 (+https://newsfold.example/contact)'
  const verdict = askRobots(url, { store, userAgent, now: () => at, fetchRobots })
  return verdict.then((value) => ({ ...value, asked }))
}

test.each([
  ['no rules', '', '/a', true],
  ['a rule for all', 'User-agent: *\nDisallow: /private/', '/private/1', false],
  ['a rule for all that does not apply', 'User-agent: *\nDisallow: /private/', '/news/1', true],
  [
    'a group of our own before the one for all',
    'User-agent: *\nDisallow: /\n\nUser-agent: newsfold\nDisallow: /x',
    '/a',
    true,
  ],
  ['a group of others', 'User-agent: OtherBot\nDisallow: /', '/a', true],
  ['a longer Allow', 'User-agent: *\nDisallow: /a\nAllow: /a/news', '/a/news/1', true],
  ['wildcards and an end', 'User-agent: *\nDisallow: /*.php$', '/list.php', false],
  ['a byte order mark', '\u{feff}User-agent: *\nDisallow: /', '/a', false],
  [
    'a sitemap between two agents of one group',
    'User-agent: newsfold\nSitemap: /s.xml\nUser-agent: b\nDisallow: /',
    '/a',
    false,
  ],
  ['a page of HTML', '<html><body>Not found</body></html>', '/a', true],
  ['encoded Chinese', 'User-agent: *\nDisallow: /新闻', `/${encodeURIComponent('新闻')}/1`, false],
])('robots.txt with %s', async (_what, text, path, isAllowed) => {
  const verdict = await ask(`https://news.example${path}`, aFile(text))
  expect(verdict.kind).toBe(isAllowed ? 'allowed' : 'disallowed')
  expect(verdict.asked).toEqual(['https://news.example/robots.txt'])
})

test.each([404, 401, 403, 410])('status %i means that there is none, so all is allowed', async (status) => {
  expect(await ask('https://news.example/a', aFailure(status))).toMatchObject({ kind: 'allowed', crawlDelayMs: 0 })
})

test.each([500, 503, 429, null])(
  'status %s means that it cannot be known, so nothing is allowed, and that is said',
  async (status) => {
    expect(await ask('https://news.example/a', aFailure(status))).toMatchObject({
      kind: 'disallowed',
      error: {
        code: 'robots.unreachable',
        retry: 'later',
        message: expect.stringContaining('https://news.example/robots.txt'),
      },
    })
  },
)

const later = (hours: number) => new Date(now.getTime() + hours * 3_600_000)

test('it is asked for once, and again when the copy is older than a day at the most', async () => {
  const store = createMemoryRobots()
  const forbids = aFile('User-agent: *\nDisallow: /')
  expect((await ask('https://news.example/a', forbids, store)).asked).toHaveLength(1)
  expect(await ask('https://news.example/b', aFile(''), store, later(1))).toMatchObject({
    kind: 'disallowed',
    asked: [],
  })
  expect(await ask('https://news.example/b', aFile(''), store, later(24.1))).toMatchObject({ kind: 'allowed' })
})

test('another scheme, host or port has a file of its own', async () => {
  const store = createMemoryRobots()
  for (const origin of [
    'https://news.example',
    'http://news.example',
    'https://news.example:8443',
    'https://a.news.example',
  ]) {
    expect((await ask(`${origin}/a`, aFile(''), store)).asked).toEqual([`${origin}/robots.txt`])
  }
})

test('a file that could not be read is asked for again soon', async () => {
  const store = createMemoryRobots()
  await ask('https://news.example/a', aFailure(503), store)
  expect((await ask('https://news.example/a', aFile(''), store, new Date(now.getTime() + 60_000))).asked).toEqual([])
  const verdict = await ask('https://news.example/a', aFile(''), store, new Date(now.getTime() + 11 * 60_000))
  expect(verdict.kind).toBe('allowed')
})

test.each([
  ['a file that was read', '', 6],
  ['one that could not be read', null, 1 / 6],
])('%s is asked for again when a clock that was ahead has kept it', async (_what, text, lifetimeHours) => {
  const origin = 'https://news.example'
  const store = createMemoryRobots()
  const asked = async (hours: number) => {
    await store.save(origin, { text, reason: 'kept', expiresAt: later(hours) })
    return (await ask(`${origin}/a`, aFile(''), store)).asked
  }
  // Clocks of machines differ a little.
  expect(await asked(lifetimeHours + 0.05)).toEqual([])
  expect(await asked(lifetimeHours + 1)).toEqual([`${origin}/robots.txt`])
})

test('what one source’s settings refuse is not kept for the others', async () => {
  const store = createMemoryRobots()
  const refused = aFailure(null)
  if (refused.kind !== 'failed') throw new Error('not a failure')
  const error = new RefusedError('http.refused-address', 'private')
  expect(await ask('http://127.0.0.1/a', { ...refused, error }, store)).toMatchObject({ kind: 'disallowed' })
  expect(await ask('http://127.0.0.1/a', aFile(''), store)).toMatchObject({ kind: 'allowed' })
})

test.each([
  ['User-agent: *\nCrawl-delay: 5', 5000],
  ['User-agent: *\nCrawl-delay: 86400', 60_000],
  ['User-agent: *\nCrawl-delay: -1', 0],
  ['User-agent: *\nCrawl-delay: soon', 0],
  ['User-agent: OtherBot\nCrawl-delay: 5', 0],
])('%j asks for a delay of %i ms', async (text, crawlDelayMs) => {
  expect(await ask('https://news.example/a', aFile(text))).toMatchObject({ kind: 'allowed', crawlDelayMs })
})

test('a pattern made to stall the matcher is left out', async () => {
  const text = `User-agent: *\nDisallow: /${'*a'.repeat(5000)}b\nDisallow: /private`
  expect(await ask(`https://news.example/${'a'.repeat(3000)}`, aFile(text))).toMatchObject({ kind: 'allowed' })
  expect(await ask('https://news.example/private', aFile(text))).toMatchObject({ kind: 'disallowed' })
})
