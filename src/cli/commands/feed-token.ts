import type { Command } from 'commander'
import { insertFeedToken, listFeedTokens, revokeFeedToken } from '../../archive/feed-tokens.ts'
import type { Database } from '../../archive/database.ts'
import { ConfigurationError } from '../../model/errors.ts'
import { nearestName } from '../../model/nearest-name.ts'
import { newToken, privatePath } from '../../push/feed-token.ts'
import { readFeedsFile } from '../../runtime/config-files.ts'
import type { Settings } from '../../runtime/settings.ts'
import { createContext } from '../context.ts'
import { openArchive } from '../services.ts'
import { withoutSlash } from '../../model/public-url.ts'
import { formatTable } from '../table.ts'

async function withArchive(use: (database: Database, settings: Settings) => Promise<string>): Promise<void> {
  const { settings, log } = createContext('error')
  const archive = await openArchive(settings, log)
  try {
    process.stdout.write(`${await use(archive.database, settings)}\n`)
  } finally {
    await archive.close()
  }
}

/** @throws {ConfigurationError} there is no such feed, or it is for everybody */
function checkPrivate(feedId: string, settings: Settings): void {
  const feeds = readFeedsFile(settings.NEWSFOLD_CONFIG)
  const feed = feeds.find(({ id }) => id === feedId)
  const ids = feeds.filter((feed) => feed.private).map(({ id }) => id)
  if (!feed) {
    const nearest = nearestName(feedId, ids)
    const hint = nearest ? ` (did you mean "${nearest}"?)` : ''
    const known = ids.length === 0 ? 'No feed is private' : `Private feeds are ${ids.join(', ')}`
    throw new ConfigurationError('feed.unknown', `There is no feed "${feedId}"${hint}. ${known}.`)
  }
  if (!feed.private) {
    throw new ConfigurationError(
      'feed.not-private',
      `Everybody may read the feed "${feedId}". Set "private: true" for it in feeds.yaml first.`,
    )
  }
}

async function add(feedId: string, name: string, flags: { json?: boolean }): Promise<void> {
  await withArchive(async (database, settings) => {
    checkPrivate(feedId, settings)
    const { token, hash, id } = newToken()
    await insertFeedToken(database, { id, feedId, name, hash, createdAt: new Date() })
    const host = settings.NEWSFOLD_PUBLIC_URL ?? `http://${settings.NEWSFOLD_HOST}:${settings.NEWSFOLD_PORT}`
    const url = `${withoutSlash(host)}${privatePath(token, `/feeds/${feedId}.rss`)}`
    if (flags.json) return JSON.stringify({ id, feed: feedId, name, token, url }, null, 2)
    return `${url}\nShown once: give it to ${name} alone. "newsfold feed token revoke ${id}" closes it.`
  })
}

async function list(flags: { json?: boolean }): Promise<void> {
  await withArchive(async (database) => {
    const tokens = await listFeedTokens(database)
    if (flags.json) return JSON.stringify(tokens, null, 2)
    if (tokens.length === 0) return 'No tokens. "newsfold feed token add <feed> <name>" makes one.'
    const rows = tokens.map(({ id, feedId, name, createdAt, revokedAt }) => [
      id,
      feedId,
      name,
      createdAt.toISOString().slice(0, 19),
      revokedAt?.toISOString().slice(0, 19) ?? '–',
    ])
    const columns = [
      { name: 'token' },
      { name: 'feed' },
      { name: 'for' },
      { name: 'made (UTC)' },
      { name: 'revoked (UTC)' },
    ]
    return formatTable(columns, rows)
  })
}

async function revoke(id: string): Promise<void> {
  await withArchive(async (database) => {
    if (await revokeFeedToken(database, id, new Date())) return `Revoked: the address of ${id} shows nothing any more.`
    throw new ConfigurationError(
      'feed.unknown-token',
      `There is no open token "${id}". "newsfold feed token list" shows them.`,
    )
  })
}

/** `newsfold feed token …`: who may read private feeds. */
export function addFeedToken(feed: Command): void {
  const command = feed.command('token').description('who may read private feeds')
  command
    .command('add')
    .description('make the address of a private feed for one subscriber')
    .argument('<feed>')
    .argument('<name>', 'whose it is')
    .option('--json', 'as JSON')
    .action(add)
  command.command('list').description('all tokens').option('--json', 'as JSON').action(list)
  command.command('revoke').description('close what a token opens').argument('<token>', 'as listed').action(revoke)
}
