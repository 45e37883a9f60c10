import { createServer, type Socket } from 'node:net'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  createHttpClient,
  type FetchRequest,
  type HttpClient,
  type HttpClientOptions,
} from '../../src/crawlers/http-client.ts'
import { startServer, type TestServer } from './a-server.ts'

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const thing of open.splice(0).toReversed()) await thing.close()
})

const userAgent = 'Newsfold/0.1 (+https://newsfold.example/contact)'
const now = new Date('2019-11-05T02:00:00Z')

function aClient(over: Partial<HttpClientOptions> = {}): HttpClient {
  const client = createHttpClient({ userAgent, now: () => now, ...over })
  open.push(client)
  return client
}

async function aServer(routes: Parameters<typeof startServer>[0] = {}): Promise<TestServer> {
  const server = await startServer(routes)
  open.push(server)
  return server
}

/** A server below HTTP: answers each connection's first bytes with what the test writes. */
async function aRawServer(answer: (socket: Socket) => void): Promise<{ origin: string; host: string }> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('data', () => answer(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push({
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  })
  const address = server.address()
  const host = `127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
  return { origin: `http://${host}`, host }
}

const aRequest = (server: { origin: string; host: string }, path: string, over: Partial<FetchRequest> = {}) => ({
  url: server.origin + path,
  maxBytes: 100_000,
  timeoutMs: 10_000,
  allowPrivateHosts: [server.host],
  ...over,
})

const codeOf = async (fetched: ReturnType<HttpClient['fetchPage']>) => {
  const result = await fetched
  return result.kind === 'failed' ? result.error.code : result.kind
}

const textOf = async (fetched: ReturnType<HttpClient['fetchPage']>) => {
  const result = await fetched
  return result.kind === 'fetched' ? new TextDecoder().decode(result.page.body) : result
}

test('a page comes with its bytes as sent, its headers and the time it was fetched', async () => {
  const gb18030 = Uint8Array.from([0xb1, 0xea, 0xcc, 0xe2])
  const headers = { 'content-type': 'text/html', etag: '"1"', 'last-modified': 'Tue, 05 Nov 2019 01:00:00 GMT' }
  const server = await aServer({ '/a': { headers, body: gb18030 } })
  const fetched = await aClient().fetchPage(aRequest(server, '/a#top'))
  expect(fetched).toEqual({
    kind: 'fetched',
    requests: 1,
    receivedBytes: 4,
    page: {
      requestedUrl: `${server.origin}/a#top`,
      url: `${server.origin}/a`,
      status: 200,
      contentType: 'text/html',
      etag: '"1"',
      lastModified: 'Tue, 05 Nov 2019 01:00:00 GMT',
      body: gb18030,
      fetchedAt: now,
      freshForMs: null,
    },
  })
  expect(server.requests[0]?.headers).toMatchObject({ 'user-agent': userAgent, 'accept-encoding': 'gzip, deflate, br' })
})

describe('private addresses', () => {
  test('are refused though a server listens there', async () => {
    const server = await aServer({ '/': 'secret' })
    expect(await codeOf(aClient().fetchPage(aRequest(server, '/', { allowPrivateHosts: [] })))).toBe(
      'http.refused-address',
    )
    expect(server.requests).toEqual([])
  })

  test('are refused at every redirect, in whatever spelling', async () => {
    const secret = await aServer({ '/': 'secret' })
    const port = new URL(secret.origin).port
    const spellings = [
      '127.0.0.1',
      '127.1',
      '2130706433',
      '0x7f000001',
      '0177.0.0.1',
      '0',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '[::ffff:7f00:1]',
      '127。0。0。1',
      '①②⑦.0.0.1',
      'localhost',
    ]
    const server = await aServer(
      Object.fromEntries(
        spellings.map((host, index) => [
          `/${index}`,
          {
            status: 302,
            headers: { location: encodeURI(`http://${host}:${port}/`).replaceAll('%5B', '[').replaceAll('%5D', ']') },
          },
        ]),
      ),
    )
    const client = aClient()
    for (const index of spellings.keys()) {
      expect([spellings[index], await codeOf(client.fetchPage(aRequest(server, `/${index}`)))]).toEqual([
        spellings[index],
        'http.refused-address',
      ])
    }
    expect(secret.requests).toEqual([])
  })

  test('the address that was checked is the one that is dialled, however the name resolves the next time', async () => {
    const server = await aServer({ '/': 'public' })
    let lookUps = 0
    const resolveHost = () => {
      lookUps += 1
      return Promise.resolve([{ address: lookUps === 1 ? '127.0.0.1' : '127.0.0.2', family: 4 as const }])
    }
    const { port } = new URL(server.origin)
    const request = {
      ...aRequest(server, '/'),
      url: `http://news.example:${port}/`,
      allowPrivateHosts: [`news.example:${port}`],
    }
    const client = aClient({ resolveHost })
    expect(await textOf(client.fetchPage(request))).toBe('public')
    expect(lookUps).toBe(1)
    expect(server.requests[0]?.headers.host).toBe(`news.example:${port}`)
  })

  test('a kept connection is no way around the guard for a source that may not go there', async () => {
    const server = await aServer({ '/': 'secret' })
    const client = aClient()
    expect(await textOf(client.fetchPage(aRequest(server, '/')))).toBe('secret')
    expect(await codeOf(client.fetchPage(aRequest(server, '/', { allowPrivateHosts: [] })))).toBe(
      'http.refused-address',
    )
  })
})

describe('redirects', () => {
  test('are followed, and the last address is the page’s', async () => {
    const server = await aServer({
      '/1': { status: 301, headers: { location: '/2' } },
      '/2': { status: 307, headers: { location: 'news/3?x=1#part' } },
      '/news/3?x=1': 'there',
    })
    const fetched = await aClient().fetchPage(aRequest(server, '/1'))
    expect(fetched).toMatchObject({
      requests: 3,
      page: { requestedUrl: `${server.origin}/1`, url: `${server.origin}/news/3?x=1` },
    })
  })

  test('to a path in unencoded UTF-8 are followed', async () => {
    const path = '/新闻'
    const server = await aServer({
      '/1': { status: 302, headers: { location: Buffer.from(path).toString('latin1') } },
      [encodeURI(path)]: 'there',
    })
    expect(await textOf(aClient().fetchPage(aRequest(server, '/1')))).toBe('there')
  })

  test('that go round in circles end after ten', async () => {
    const server = await aServer({
      '/1': { status: 302, headers: { location: '/2' } },
      '/2': { status: 302, headers: { location: '/1' } },
    })
    expect(await codeOf(aClient().fetchPage(aRequest(server, '/1')))).toBe('http.redirects')
    expect(server.requests).toHaveLength(11)
  })

  test('to another scheme are refused', async () => {
    const server = await aServer({ '/1': { status: 302, headers: { location: 'file:///etc/passwd' } } })
    expect(await codeOf(aClient().fetchPage(aRequest(server, '/1')))).toBe('http.bad-address')
  })

  test('are put before the caller, who may end them', async () => {
    const server = await aServer({ '/1': { status: 302, headers: { location: '/2' } }, '/2': 'there' })
    const asked: string[] = []
    const beforeRedirect = (url: string) => {
      asked.push(url)
      return Promise.reject(new Error('no further'))
    }
    await expect(aClient().fetchPage(aRequest(server, '/1', { beforeRedirect }))).rejects.toThrow('no further')
    expect(asked).toEqual([`${server.origin}/2`])
    expect(server.pathsAsked()).toEqual(['/1'])
  })

  test('a source’s own headers stay at its origin, also when the way leads back', async () => {
    const other = await aServer()
    const server = await aServer({
      '/1': { status: 302, headers: { location: '/2' } },
      '/2': { status: 302, headers: { location: `${other.origin}/3` } },
    })
    other.routes.set('/3', 'there')
    const headers = { 'X-Api-Key': 'secret', 'User-Agent': 'own' }
    const allowPrivateHosts = [server.host, other.host]
    await aClient().fetchPage(aRequest(server, '/1', { headers, allowPrivateHosts }))
    expect(server.requests.map((request) => request.headers['x-api-key'])).toEqual(['secret', 'secret'])
    expect(other.requests.map((request) => request.headers['x-api-key'])).toEqual([undefined])
    expect(other.requests[0]?.headers['user-agent']).toBe(userAgent)
  })
})

test('cookies are not kept', async () => {
  const server = await aServer({ '/': { headers: { 'set-cookie': 'a=1' }, body: 'x' } })
  const client = aClient()
  await client.fetchPage(aRequest(server, '/'))
  await client.fetchPage(aRequest(server, '/'))
  expect(server.requests.map(({ headers }) => headers.cookie)).toEqual([undefined, undefined])
})

describe('conditional requests', () => {
  test('send the validators and understand 304', async () => {
    const server = await aServer({ '/': { status: 304 } })
    const validators = { etag: '"1"', lastModified: 'Tue, 05 Nov 2019 01:00:00 GMT' }
    const fetched = await aClient().fetchPage(aRequest(server, '/', validators))
    expect(fetched).toMatchObject({ kind: 'not-modified', requests: 1 })
    expect(server.requests[0]?.headers).toMatchObject({
      'if-none-match': '"1"',
      'if-modified-since': 'Tue, 05 Nov 2019 01:00:00 GMT',
    })
  })

  test('304 to a request without validators is an error', async () => {
    const server = await aServer({ '/': { status: 304 } })
    expect(await aClient().fetchPage(aRequest(server, '/'))).toMatchObject({ kind: 'failed', status: 304 })
  })
})

describe('content encodings', () => {
  const text = '通知'.repeat(1000)
  test.each([
    ['gzip', gzipSync(text)],
    ['x-gzip', gzipSync(text)],
    ['deflate', deflateSync(text)],
    ['deflate', deflateRawSync(text)],
    ['br', brotliCompressSync(text)],
    ['gzip, br', brotliCompressSync(gzipSync(text))],
    ['identity', Buffer.from(text)],
    ['UTF-8', Buffer.from(text)],
  ])('%s is undone', async (encoding, body) => {
    const server = await aServer({ '/': { headers: { 'content-encoding': encoding }, body } })
    expect(await textOf(aClient().fetchPage(aRequest(server, '/')))).toBe(text)
  })

  test('an empty body is empty, whatever its header says', async () => {
    const server = await aServer({ '/': { headers: { 'content-encoding': 'gzip' } } })
    expect(await textOf(aClient().fetchPage(aRequest(server, '/')))).toBe('')
  })

  test.each([
    ['three of them', 'gzip, gzip, gzip', gzipSync(gzipSync(gzipSync(text))), 'http.bad-encoding'],
    ['one that is unknown', 'zstd', Buffer.from(text), 'http.bad-encoding'],
    ['one that the body does not have', 'gzip', Buffer.from(text), 'http.bad-encoding'],
    ['a truncated gzip body', 'gzip', gzipSync(text).subarray(0, 30), 'http.incomplete'],
    ['a truncated brotli body', 'br', brotliCompressSync(text).subarray(0, 10), 'http.incomplete'],
  ])('%s: an error', async (_what, encoding, body, code) => {
    const server = await aServer({ '/': { headers: { 'content-encoding': encoding }, body } })
    expect(await codeOf(aClient().fetchPage(aRequest(server, '/')))).toBe(code)
  })
})

describe('caps', () => {
  test('a page of 20 MB is refused, and most of it not even received', async () => {
    let written = 0
    const server = await aServer({
      '/': (_request, response) => {
        const chunk = Buffer.alloc(64 * 1024, 'x')
        const write = () => {
          while (written < 20 * 1024 * 1024) {
            written += chunk.length
            if (!response.write(chunk)) return response.once('drain', write)
          }
          return response.end()
        }
        response.writeHead(200)
        write()
        return undefined
      },
    })
    expect(await codeOf(aClient().fetchPage(aRequest(server, '/', { maxBytes: 1024 * 1024 })))).toBe('http.too-large')
    expect(written).toBeLessThan(20 * 1024 * 1024)
  })

  test('an endless body is cut off', async () => {
    const server = await aServer({
      '/': (_request, response) => {
        response.writeHead(200)
        const timer = setInterval(() => response.write('x'.repeat(50_000)), 1)
        response.on('close', () => clearInterval(timer))
        return undefined
      },
    })
    expect(await codeOf(aClient().fetchPage(aRequest(server, '/')))).toBe('http.too-large')
  })

  test.each([
    ['gzip', gzipSync(Buffer.alloc(50_000_000))],
    ['br', brotliCompressSync(Buffer.alloc(50_000_000))],
    ['gzip, gzip', gzipSync(gzipSync(Buffer.alloc(50_000_000)))],
  ])('a %s bomb is refused while it unpacks', async (encoding, body) => {
    expect(body.length).toBeLessThan(100_000)
    const server = await aServer({ '/': { headers: { 'content-encoding': encoding }, body } })
    expect(await codeOf(aClient().fetchPage(aRequest(server, '/')))).toBe('http.too-large')
  })

  test('a body that goes on for ever and unpacks to nothing is cut off', async () => {
    const nothing = gzipSync('')
    const body = Buffer.concat(Array.from({ length: 10_000 }, () => nothing))
    const server = await aServer({ '/': { headers: { 'content-encoding': 'gzip' }, body } })
    expect(await codeOf(aClient().fetchPage(aRequest(server, '/')))).toBe('http.too-large')
  })

  test('a body may be cut off at the cap instead', async () => {
    const body = 'x'.repeat(200_000)
    const server = await aServer({
      '/': body,
      '/gz': { headers: { 'content-encoding': 'gzip' }, body: gzipSync(body) },
    })
    const client = aClient()
    for (const path of ['/', '/gz']) {
      expect(await textOf(client.fetchPage(aRequest(server, path, { isTruncated: true })))).toBe('x'.repeat(100_000))
    }
  })

  test('a slow drip ends at the deadline, though each byte comes soon', async () => {
    const server = await aServer({
      '/': (_request, response) => {
        response.writeHead(200)
        const timer = setInterval(() => response.write('x'), 20)
        response.on('close', () => clearInterval(timer))
        return undefined
      },
    })
    expect(await codeOf(aClient().fetchPage(aRequest(server, '/', { timeoutMs: 300 })))).toBe('http.timeout')
  })

  test('a process that was stopped beyond the deadline does not blame the host', async () => {
    const server = await aServer({ '/': () => undefined })
    const steady = performance.now.bind(performance)
    const fetching = codeOf(aClient().fetchPage(aRequest(server, '/', { timeoutMs: 100 })))
    vi.spyOn(performance, 'now').mockImplementation(() => steady() + 30_000)
    expect(await fetching.finally(() => vi.restoreAllMocks())).toBe('http.slept')
  })

  test('a drip of headers ends at the deadline', async () => {
    const server = await aRawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n')
      const timer = setInterval(() => socket.write('x: y\r\n'), 20)
      socket.on('close', () => clearInterval(timer))
    })
    expect(await codeOf(aClient().fetchPage(aRequest(server, '/', { timeoutMs: 300 })))).toBe('http.timeout')
  })

  test('redirects share one deadline', async () => {
    const server = await aServer({
      '/': (_request, response) => {
        setTimeout(() => response.writeHead(302, { location: '/' }).end(), 100)
        return undefined
      },
    })
    expect(await codeOf(aClient().fetchPage(aRequest(server, '/', { timeoutMs: 350 })))).toBe('http.timeout')
    expect(server.requests.length).toBeLessThan(5)
  })

  test('a name that never resolves ends at the deadline', async () => {
    const client = aClient({ resolveHost: () => new Promise(() => undefined) })
    const request = { url: 'http://slow.example/', maxBytes: 1000, timeoutMs: 50, allowPrivateHosts: [] }
    expect(await codeOf(client.fetchPage(request))).toBe('http.timeout')
  })
})

describe('broken answers', () => {
  test.each([
    ['a body shorter than its length', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort', 'http.connection'],
    [
      'chunks that end without an end',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nshort\r\n',
      'http.connection',
    ],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nshort', 'http.protocol'],
    ['no HTTP at all', 'SSH-2.0-OpenSSH_9.2\r\n', 'http.protocol'],
    ['nothing', '', 'http.connection'],
    ['headers without measure', `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(10_000)}\r\n`, 'http.protocol'],
  ])('%s: an error that is worth another try', async (_what, bytes, code) => {
    const server = await aRawServer((socket) => socket.end(bytes))
    const fetched = await aClient().fetchPage(aRequest(server, '/'))
    expect(fetched).toMatchObject({ kind: 'failed', status: null, error: { code, retry: 'later' } })
  })

  test('a port where nobody listens is a host that cannot be reached', async () => {
    const server = await aServer()
    await server.close()
    open.splice(open.indexOf(server), 1)
    expect(await aClient().fetchPage(aRequest(server, '/'))).toMatchObject({
      kind: 'failed',
      error: { code: 'http.connection', name: 'UnreachableError', message: expect.stringContaining('ECONNREFUSED') },
    })
  })
})

describe('statuses', () => {
  test.each([
    [404, 'never'],
    [410, 'never'],
    [400, 'never'],
    [403, 'later'],
    [429, 'later'],
    [500, 'later'],
    [503, 'later'],
  ])('%i is a failure, to be tried again %s', async (status, retry) => {
    const server = await aServer({ '/': { status } })
    const fetched = await aClient().fetchPage(aRequest(server, '/'))
    expect(fetched).toMatchObject({ kind: 'failed', status, error: { code: 'http.status', retry } })
  })

  test.each([
    ['120', 120_000],
    ['Tue, 05 Nov 2019 02:01:00 GMT', 60_000],
    ['Tue, 05 Nov 2019 01:00:00 GMT', 0],
    ['999999999', 86_400_000],
    ['soon', null],
  ])('Retry-After: %s is understood as %s ms', async (value, retryAfterMs) => {
    const server = await aServer({ '/': { status: 503, headers: { 'retry-after': value } } })
    expect(await aClient().fetchPage(aRequest(server, '/'))).toMatchObject({ retryAfterMs })
  })
})

test('a caller’s abort is thrown, not counted as a failure of the page', async () => {
  const server = await aServer({ '/': () => undefined })
  const abort = new AbortController()
  const fetching = aClient().fetchPage(aRequest(server, '/'), abort.signal)
  setTimeout(() => abort.abort(new Error('stop')), 50)
  await expect(fetching).rejects.toThrow('stop')
})
