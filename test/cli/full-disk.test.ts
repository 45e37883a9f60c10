import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { freeBytesOf, leastFreeBytes } from '../../src/runtime/disk-space.ts'
import { startServer, type TestServer } from '../crawlers/a-server.ts'
import { findRequirement } from '../requirements.ts'
import { anInstallation, type Installation } from './newsfold.ts'

// A hang guard: a crawl that ends within 5 s of a full disk, on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

const requirement = findRequirement('mount')
const pages = 200

describe.skipIf(requirement.isMissing)(`on a small disk${requirement.note}`, () => {
  let server: TestServer
  let newsfold: Installation
  const ballast = () => join(newsfold.data, 'ballast')

  beforeAll(async () => {
    server = await startServer()
    const links = Array.from({ length: pages }, (_, n) => `<li><a href="/a/${n}">关于第${n}号桥梁检修的通告</a></li>`)
    server.routes.set('/list', `<html><body><ul>${links.join('')}</ul></body></html>`)
    for (let n = 0; n < pages; n++) {
      const text = `自本月起对第${n}号桥梁进行检修，届时封闭${n}小时，请过往车辆提前绕行，并留意现场的标志。`
      server.routes.set(`/a/${n}`, `<html><body><h1>关于第${n}号桥梁检修的通告</h1><p>${text}</p></body></html>`)
    }
    newsfold = anInstallation({
      city:
        `name: 城市\nlistings: ['${server.origin}/list']\nallowPrivateHosts: ['${server.host}']\n` +
        'politeness: { delay: 500ms }\n',
      short:
        `name: 短\nlistings: ['${server.origin}/list']\nallowPrivateHosts: ['${server.host}']\n` +
        'maxArticlesPerRun: 20\npoliteness: { delay: 500ms }\n',
    })
    mkdirSync(newsfold.data, { recursive: true })
    spawnSync(requirement.program, ['-t', 'tmpfs', '-o', 'size=400m', 'tmpfs', newsfold.data])
  })
  afterAll(async () => {
    rmSync(ballast(), { force: true })
    spawnSync('umount', ['--lazy', newsfold.data])
    await newsfold.remove()
    await server.close()
  })

  test('a crawl ends in good order when the disk is nearly full, and the next one and an import are refused', async () => {
    const crawl = newsfold.start(['crawl', 'city'])
    await expect.poll(() => server.pathsAsked().some((path) => path.startsWith('/a/')), { timeout: 60_000 }).toBe(true)
    writeFileSync(ballast(), Buffer.alloc(freeBytesOf(newsfold.data) - leastFreeBytes / 2))
    const ended = await crawl.finished
    expect([ended.code, ended.err]).toEqual([
      1,
      expect.stringMatching(/^The disk of .* is nearly full: expected 200 MB/),
    ])
    const asked = server.pathsAsked().length
    expect(asked).toBeLessThan(pages)
    for (const args of [
      ['crawl', 'city'],
      ['crawl', 'city', '--backfill'],
      ['archive', 'import'],
    ]) {
      const { code, err } = await newsfold.run(args)
      expect([args, code, err]).toEqual([args, 1, expect.stringContaining('is nearly full')])
    }
    expect(server.pathsAsked()).toHaveLength(asked)
    // What only reads goes on, and so does what keeps nothing, for longer than the disk is looked at again.
    const dry = await newsfold.run(['crawl', 'short', '--dry-run'])
    expect([dry.code, dry.err]).toEqual([0, ''])
    expect((await newsfold.run(['archive', 'export'])).out.trim().split('\n').length).toBeGreaterThan(0)
  })
})
