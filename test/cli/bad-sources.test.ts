import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { freePort } from '../../src/archive/embedded/free-port.ts'
import { startServer, type TestServer } from '../crawlers/a-server.ts'
import { anInstallation, type Finished, type Installation } from './newsfold.ts'

// A hang guard: one crawl of everything on a busy machine, with retries of a host that is not there.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

let server: TestServer
let newsfold: Installation
let crawled: Finished

const article = (title: string, text: string) =>
  `<html><head><meta charset="utf-8"><title>${title}</title></head><body><h1>${title}</h1><p>${text}</p><p>${text}</p></body></html>`
const list = (...paths: string[]) =>
  `<ul>${paths.map((path, n) => `<li><a href="/${path}">关于${path}的第${n}号通告及有关安排</a> <span>2019-11-0${n + 1}</span></li>`).join('')}</ul>`
const text = '市水务局今日通告：下周三起更换城东供水管道，届时停水六小时，请居民提前储水。'

beforeAll(async () => {
  server = await startServer({
    '/good/list': list('good/1', 'good/2', 'good/3'),
    '/pdf/list': list('pdf/1', 'pdf/2', 'pdf/3'),
    '/large/list': list('large/1', 'large/2', 'large/3'),
    '/bytes/list': list('bytes/1', 'bytes/2', 'bytes/3'),
    '/empty/list': '<html><body><p>暂无内容</p></body></html>',
    '/binary/list': {
      headers: { 'content-type': 'image/png' },
      body: Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]),
    },
    '/pdf/2': { headers: { 'content-type': 'application/pdf' }, body: '%PDF-1.4\n%%EOF' },
    '/large/2': { body: Buffer.alloc(20 * 2 ** 20, '<p>水</p>') },
    '/bytes/2': {
      body: Buffer.concat([
        Buffer.from(article('无效字节', text)),
        Buffer.from([0xff, 0xfe, 0x00, 0xc3, 0x28, 0xed, 0xa0, 0x80]),
      ]),
    },
  })
  for (const name of ['good', 'pdf', 'large', 'bytes']) {
    for (const n of [1, 2, 3]) {
      const path = `/${name}/${n}`
      if (!server.routes.has(path))
        server.routes.set(path, article(`${name} 第 ${n} 号通告`, `${text}编号${name}${n}。`))
    }
  }
  const nowhere = await freePort(null)
  const source = (listing: string, more = '') =>
    `name: 测试\nlistings: ['${listing}']\nallowPrivateHosts: ['${server.host}', '127.0.0.1:${nowhere}']\n` +
    `politeness: { delay: 0s }\n${more}`
  newsfold = anInstallation({
    'a-unreachable': source(`http://127.0.0.1:${nowhere}/list`),
    'b-binary': source(`${server.origin}/binary/list`),
    'c-empty': source(`${server.origin}/empty/list`),
    'd-allowed-empty': source(`${server.origin}/empty/list`, 'allowEmpty: true\n'),
    'e-pdf': source(`${server.origin}/pdf/list`),
    'f-large': source(`${server.origin}/large/list`),
    'g-bytes': source(`${server.origin}/bytes/list`),
    'h-good': source(`${server.origin}/good/list`),
  })
  const ids = ['a-unreachable', 'b-binary', 'c-empty', 'd-allowed-empty', 'e-pdf', 'f-large', 'g-bytes', 'h-good']
  crawled = await newsfold.run(['crawl', ...ids])
})
afterAll(async () => {
  await newsfold.remove()
  await server.close()
})

/** The line of a source's run, and the lines that say what went wrong in it. */
function linesOf(id: string): { run: string; problems: string[] } {
  const lines = crawled.out.split('\n')
  return {
    run: lines.find((line) => new RegExp(`^\\d\\d:\\d\\d:\\d\\d +${id} `).test(line)) ?? '',
    problems: lines.filter((line) => line.includes(`"${id}"`)),
  }
}

test('the command goes through all sources and ends with 1, since some could not be read', () => {
  expect([crawled.code, crawled.err]).toEqual([1, ''])
  expect(crawled.out.match(/^\d\d:\d\d:\d\d /gm)).toHaveLength(8)
})

test('a source after the broken ones is crawled whole', () => {
  expect(linesOf('h-good')).toEqual({ run: expect.stringContaining('✓ 3 new'), problems: [] })
})

test.each([
  ['a-unreachable', /expected to read http:\/\/127\.0\.0\.1:\d+\/robots\.txt, got .*connection/i],
  ['b-binary', /expected.*(page|HTML|feed).*image\/png|image\/png.*expected/],
  ['c-empty', /expected items.*allowEmpty/],
])('%s: its listing is one clear line', (id, problem) => {
  const { run, problems } = linesOf(id)
  expect(run).toContain('could not be read')
  expect(problems).toHaveLength(1)
  expect(problems[0]).toMatch(problem)
})

test('an empty listing that is allowed is no error', () => {
  const { run, problems } = linesOf('d-allowed-empty')
  expect(run).toContain('✓')
  expect(problems).toEqual([])
})

test.each([
  ['e-pdf', /2 new.*not-html 1/, /\/pdf\/2.*(PDF|pdf)/],
  ['f-large', /2 new.*too-large 1/, /\/large\/2.*10/],
])('%s: a page that is none is left out with one clear line, the others are kept', (id, counts, problem) => {
  const { run, problems } = linesOf(id)
  expect(run).toMatch(counts)
  expect(problems).toHaveLength(1)
  expect(problems[0]).toMatch(problem)
})

test('a page with invalid bytes is read all the same', () => {
  expect(linesOf('g-bytes')).toEqual({ run: expect.stringContaining('✓ 3 new'), problems: [] })
})
