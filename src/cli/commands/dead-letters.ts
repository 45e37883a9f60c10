import type { Command } from 'commander'
import { listDeadLetters, retryDeadLetters } from '../../archive/deliveries.ts'
import { createContext } from '../context.ts'
import { openArchive } from '../services.ts'
import { fit, formatTable } from '../table.ts'

/** How many are shown. */
const shown = 200
const columns = [
  { name: 'id' },
  { name: 'feed' },
  { name: 'to' },
  { name: 'given up (UTC)' },
  { name: 'tries', isNumber: true },
  { name: 'what' },
  { name: 'reason' },
]

async function run(ids: readonly string[], flags: { json?: boolean; retry?: boolean }): Promise<void> {
  const { settings, log } = createContext('error')
  const archive = await openArchive(settings, log)
  try {
    if (flags.retry) {
      const count = await retryDeadLetters(archive.database, ids.length === 0 ? null : ids, new Date())
      process.stdout.write(flags.json ? `${JSON.stringify({ retried: count })}\n` : `Put back: ${count}\n`)
      return
    }
    const all = await listDeadLetters(archive.database, shown)
    const letters = ids.length === 0 ? all : all.filter(({ id }) => ids.includes(id))
    if (flags.json) {
      process.stdout.write(`${JSON.stringify(letters, null, 2)}\n`)
      return
    }
    const rows = letters.map((letter) => [
      letter.id,
      letter.feedId,
      letter.channel === 'hub' ? letter.target : (letter.target.split('/')[1] ?? ''),
      letter.diedAt.toISOString().slice(0, 19),
      letter.attempts,
      fit(letter.title ?? letter.subject, 40),
      fit(letter.lastError.replaceAll('\n', ' '), 200),
    ])
    process.stdout.write(letters.length === 0 ? 'No dead letters.\n' : `${formatTable(columns, rows)}\n`)
  } finally {
    await archive.close()
  }
}

/** `newsfold feed dead-letters`: what webhooks and hubs of others did not take. */
export function addDeadLetters(feed: Command): void {
  feed
    .command('dead-letters')
    .description('what webhooks and hubs of others did not take, after the last try')
    .argument('[ids...]', 'only these')
    .option('--retry', 'send them again')
    .option('--json', 'as JSON')
    .action(run)
}
