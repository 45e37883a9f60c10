import type { Command } from 'commander'
import { newestItems } from '../../crawlers/find-listing.ts'
import { createContext } from '../context.ts'
import { formatLook } from '../look-text.ts'
import { lookAt } from '../look-at.ts'
import { openSteps } from '../steps.ts'

async function run(address: string, flags: { json?: boolean; browser?: boolean }): Promise<void> {
  const { settings, log } = createContext('fatal')
  const steps = openSteps()
  const render = flags.browser ? 'browser' : 'http'
  const look = await lookAt(address, { settings, log, render, onStep: steps.show }).finally(steps.clear)
  if (look.listing === null && look.article === null) process.exitCode = 1
  if (!flags.json) {
    process.stdout.write(`${formatLook(look)}\n`)
    return
  }
  const { listing, others, article, site, tried } = look
  const items = listing ? newestItems(listing, listing.items.length) : []
  const articles = Object.fromEntries(look.articles)
  process.stdout.write(`${JSON.stringify({ site, listing, items, others, article, articles, tried }, null, 2)}\n`)
}

/** `newsfold try`: what would be read at an address, without any configuration. */
export function addTry(program: Command): void {
  program
    .command('try')
    .description('show what would be read at an address: its list of announcements, or the article')
    .argument('<address>', 'of a site, a list page, a feed or an article')
    .option('--browser', 'have a Chromium render the pages, for sites that only scripts write')
    .option('--json', 'as JSON')
    .action(run)
}
