// Takes the picture of the README, the stories of a demo of its own: `npx tsx scripts/take-picture.ts`.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { chromium } from 'playwright-core'

const picture = 'docs/demo.png'
const size = { width: 900, height: 598 }
/** Start, first crawls and the portal's correction. */
const crawledAfterMs = 20_000

const data = mkdtempSync(join(tmpdir(), 'newsfold-picture-'))
const demo = spawn(process.execPath, ['bin/newsfold.js', 'demo'], {
  env: { ...process.env, NEWSFOLD_DATA: data, NEWSFOLD_PORT: '0' },
  stdio: ['ignore', 'pipe', 'inherit'],
})
const ended = new Promise((resolve) => demo.once('exit', resolve))
try {
  let out = ''
  demo.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  await sleep(crawledAfterMs)
  const address = /Stories\s+(\S+)/.exec(out)?.[1]
  if (!address) throw new Error(`The demo did not say where its stories are: ${out}`)
  const browser = await chromium.launch({
    executablePath: process.env['NEWSFOLD_CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  })
  const page = await browser.newPage({ viewport: size, locale: 'en-GB', colorScheme: 'light' })
  await page.goto(address)
  await page.screenshot({ path: picture })
  await browser.close()
} finally {
  demo.kill('SIGINT')
  await ended
  rmSync(data, { recursive: true, force: true })
}
