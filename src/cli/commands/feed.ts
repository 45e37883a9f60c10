import type { Command } from 'commander'
import { formatDuration } from '../../model/duration.ts'
import type { FeedDefinition } from '../../model/feed-definition.ts'
import { readFeedsFile } from '../../runtime/config-files.ts'
import { createContext } from '../context.ts'
import { formatTable } from '../table.ts'

function restrictionsOf(feed: FeedDefinition): string {
  const words = [feed.words, feed.titleWords].flatMap((words) => [
    ...(words?.any ? [words.any.join('|')] : []),
    ...(words?.all ?? []),
    ...(words?.none ?? []).map((word) => `-${word}`),
  ])
  return [
    ...(feed.sources ?? []),
    ...(feed.tags ?? []).map((tag) => `#${tag}`),
    ...(feed.publishers ?? []),
    ...(feed.languages ?? []),
    ...(feed.query === undefined ? [] : [feed.query]),
    ...words,
    ...(feed.maxAge === undefined ? [] : [`${formatDuration(feed.maxAge)} old at most`]),
  ].join(' ')
}

/** `newsfold feed list`: what config/feeds.yaml publishes. */
export function addFeed(program: Command): void {
  program
    .command('feed')
    .description('the feeds that are published')
    .command('list')
    .option('--json', 'as JSON')
    .action((flags: { json?: boolean }) => {
      const { settings } = createContext('error')
      const feeds = readFeedsFile(settings.NEWSFOLD_CONFIG)
      if (flags.json) {
        process.stdout.write(`${JSON.stringify(feeds, null, 2)}\n`)
        return
      }
      const rows = feeds.map((feed) => [feed.id, feed.items, restrictionsOf(feed) || 'everything', feed.title])
      const columns = [{ name: 'feed' }, { name: 'items', isNumber: true }, { name: 'of' }, { name: 'title' }]
      process.stdout.write(`${formatTable(columns, rows)}\n`)
    })
}
