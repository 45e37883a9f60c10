import type { Command } from 'commander'
import { subjectKeys } from '../../alert/alert-words.ts'
import { findAlerts, muteAlert, unmuteAlert, type AlertRecord } from '../../archive/alerts.ts'
import type { Database } from '../../archive/database.ts'
import { parseDuration } from '../../model/duration.ts'
import { ConfigurationError } from '../../model/errors.ts'
import { didYouMean } from '../../model/nearest-name.ts'
import { readSourceFiles } from '../../runtime/config-files.ts'
import type { Settings } from '../../runtime/settings.ts'
import { createContext } from '../context.ts'
import { testAlerts } from '../open-alerts.ts'
import { openArchive } from '../services.ts'
import { formatTable } from '../table.ts'

async function withDatabase(use: (database: Database, settings: Settings) => Promise<void>): Promise<void> {
  const { settings, log } = createContext('error')
  const archive = await openArchive(settings, log, { retryForMs: 0 })
  try {
    await use(archive.database, settings)
  } finally {
    await archive.close()
  }
}

function list(flags: { json?: boolean }): Promise<void> {
  return withDatabase(async (database) => {
    const alerts = await findAlerts(database, 'log', new Date())
    if (flags.json) {
      process.stdout.write(`${JSON.stringify(alerts, null, 2)}\n`)
      return
    }
    if (alerts.length === 0) {
      process.stdout.write('Nothing is wrong.\n')
      return
    }
    const rows = alerts.map(({ key, since, toldAt, overAt, isMuted, says }) => {
      const state = overAt ? 'passing' : isMuted ? 'muted' : toldAt ? 'told' : 'new'
      return [key, since.toISOString().slice(0, 16).replace('T', ' '), state, says.replaceAll('\n', ' ')]
    })
    const columns = ['about', 'since (UTC)', 'state', 'says'].map((name) => ({ name }))
    process.stdout.write(`${formatTable(columns, rows)}\n`)
  })
}

/**
 * What is muted and never comes would be taken for silence.
 * @throws {ConfigurationError} nothing of this name can be wrong
 */
function checkKey(key: string, known: readonly AlertRecord[], config: string): void {
  const { sources, broken } = readSourceFiles(config)
  const keys = [...subjectKeys, ...[...sources, ...broken].map(({ id }) => `source:${id}`)]
  if (keys.includes(key) || known.some((alert) => alert.key === key)) return
  const hint = didYouMean(key, keys) || '.'
  const says = `There is no trouble "${key}"${hint} Expected one of ${subjectKeys.join(', ')} or source:<id>.`
  throw new ConfigurationError('alerts.unknown', says)
}

function mute(key: string, flags: { for?: string }): Promise<void> {
  const ms = flags.for === undefined ? null : parseDuration(flags.for)
  if (flags.for !== undefined && ms === null) {
    throw new ConfigurationError('alerts.bad-duration', `--for: expected a duration such as "7d", got "${flags.for}".`)
  }
  return withDatabase(async (database, { NEWSFOLD_CONFIG }) => {
    checkKey(key, await findAlerts(database, 'log', new Date()), NEWSFOLD_CONFIG)
    const until = ms === null ? null : new Date(Date.now() + ms)
    await muteAlert(database, key, until)
    process.stdout.write(`${key}: muted ${until ? `until ${until.toISOString()}` : 'until "newsfold alerts unmute"'}\n`)
  })
}

function unmute(key: string): Promise<void> {
  return withDatabase(async (database) => {
    const wasMuted = await unmuteAlert(database, key)
    process.stdout.write(wasMuted ? `${key}: no longer muted\n` : `${key}: was not muted\n`)
  })
}

async function test(): Promise<void> {
  const { settings } = createContext('error')
  const told = await testAlerts(settings)
  if (told.length === 0) {
    throw new ConfigurationError(
      'alerts.no-target',
      'Nobody is told: set NEWSFOLD_ALERT_WEBHOOK, or NEWSFOLD_ALERT_SMTP_URL with the sender and receivers of mail.',
    )
  }
  for (const { channel, reason } of told) {
    process.stdout.write(`${channel}: ${reason === null ? 'taken' : `not taken: ${reason}`}\n`)
    if (reason !== null) process.exitCode = 1
  }
}

/** `newsfold alerts`: what is wrong, and what nobody wants to hear of. */
export function addAlerts(program: Command): void {
  const command = program.command('alerts').description('what is wrong at this moment')
  command.option('--json', 'as JSON').action(list)
  command
    .command('mute')
    .description('tell nobody of this')
    .argument('<about>', 'what the list says it is about, such as queue-away, deliveries-late or source:<id>')
    .option('--for <duration>', 'such as 7d; for ever if absent')
    .action(mute)
  command.command('test').description('tell everybody who is told of trouble that this is a test').action(test)
  command.command('unmute').description('tell of it again').argument('<about>').action(unmute)
}
