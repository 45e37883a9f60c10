import type { Command } from 'commander'
import { formatDuration } from '../../model/duration.ts'
import type { FeedDefinition } from '../../model/feed-definition.ts'
import { ConfigurationError } from '../../model/errors.ts'
import { nearestName } from '../../model/nearest-name.ts'
import { checkPrivacy, readFeedsFile, readSourceFiles } from '../../runtime/config-files.ts'
import { feedFormats } from '../../server/feed-formats.ts'
import { publicSourcesOf } from '../../server/public-sources.ts'
import { createPublisher } from '../../server/publisher.ts'
import { createContext } from '../context.ts'
import { openArchive } from '../services.ts'
import { formatTable } from '../table.ts'
import { addDeadLetters } from './dead-letters.ts'
import { addFeedToken } from './feed-token.ts'

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

/** A feed for everyone's eyes: who knows a webhook's address may write to it. */
function withoutSecrets({ webhooks, ...feed }: FeedDefinition) {
  const shown = webhooks.map(({ url, secret, ...rest }) => ({
    host: new URL(url).host,
    hasSecret: secret !== undefined,
    ...rest,
  }))
  return { ...feed, webhooks: shown }
}

function list(flags: { json?: boolean }): void {
  const { settings } = createContext('error')
  const feeds = readFeedsFile(settings.NEWSFOLD_CONFIG)
  if (flags.json) {
    process.stdout.write(`${JSON.stringify(feeds.map(withoutSecrets), null, 2)}\n`)
    return
  }
  const rows = feeds.map((feed) => [feed.id, feed.items, restrictionsOf(feed) || 'everything', feed.title])
  const columns = [{ name: 'feed' }, { name: 'items', isNumber: true }, { name: 'of' }, { name: 'title' }]
  process.stdout.write(`${formatTable(columns, rows)}\n`)
}

function unknownFeed(id: string, known: readonly string[]): ConfigurationError {
  const nearest = nearestName(id, known)
  const hint = nearest ? ` (did you mean "${nearest}"?)` : ''
  return new ConfigurationError('feed.unknown', `There is no feed "${id}"${hint}. There are ${known.join(', ')}.`)
}

/** Prints a feed as the server sends it; without a public address it does not name its own. */
async function show(id: string, flags: { format: string; query?: string }): Promise<void> {
  const { settings, log } = createContext('error')
  const feeds = readFeedsFile(settings.NEWSFOLD_CONFIG)
  const files = readSourceFiles(settings.NEWSFOLD_CONFIG)
  checkPrivacy(files)
  const { sources } = files
  const all = new Map(sources.map((one) => [one.id, one]))
  const isPrivate = feeds.some((feed) => feed.id === id && feed.private)
  const seen = isPrivate ? { sources: all } : publicSourcesOf(all)
  const view = {
    site: { publicUrl: settings.NEWSFOLD_PUBLIC_URL ?? '', ...seen },
    feeds,
    formats: feedFormats,
    link: (path: string) => path,
    canSearch: true,
    months: [],
  }
  const archive = await openArchive(settings, log)
  try {
    const { database } = archive
    const publisher = createPublisher({ database, view, formats: feedFormats, now: () => new Date(), isPaged: true })
    const publication = publisher.find(`/feeds/${id}.${flags.format}`, new URLSearchParams(flags.query))
    if (!publication) {
      const formats = feedFormats.map(({ extension }) => extension)
      if (!formats.includes(flags.format)) {
        throw new ConfigurationError(
          'feed.unknown-format',
          `There is no format "${flags.format}". There are ${formats.join(', ')} and html.`,
        )
      }
      throw unknownFeed(
        id,
        feeds.map((feed) => feed.id),
      )
    }
    const draft = await publication.render()
    process.stdout.write(`${draft?.body.toString() ?? ''}\n`)
  } finally {
    await archive.close()
  }
}

/** `newsfold feed …`: what config/feeds.yaml publishes, and to whom. */
export function addFeed(program: Command): void {
  const command = program.command('feed').description('the feeds that are published')
  command.command('list').description('what each feed is a query of').option('--json', 'as JSON').action(list)
  command
    .command('show')
    .description('print a feed, or with "search" any query, as it is served')
    .argument('<feed>')
    .option('--format <extension>', 'rss, atom, json, ics or html', 'rss')
    .option('--query <parameters>', 'of a search: "q=跨境电商 -招聘&lang=zh"')
    .action(show)
  addFeedToken(command)
  addDeadLetters(command)
}
