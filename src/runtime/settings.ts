import { resolve } from 'node:path'
import { z } from 'zod'
import { ConfigurationError } from '../model/errors.ts'
import { parseDuration } from '../model/duration.ts'
import { editDistance, nearestName } from '../model/nearest-name.ts'

const wholeNumber = (min: number, max: number) => z.coerce.number().int().min(min).max(max)
/** An empty variable counts as not set: that is how compose files and units leave one out. */
const optionalUrl = (protocol: RegExp, example: string) =>
  z
    .url({ protocol, hostname: /.*/, error: `expected an address such as ${example}` })
    .nullable()
    .default(null)

const parts = (text: string) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')

function wordList(form: RegExp, expected: string) {
  return z
    .string()
    .default('')
    .transform(parts)
    .refine((words) => words.every((word) => form.test(word)), { error: `expected ${expected}` })
}

const urlList = z
  .string()
  .default('')
  .transform(parts)
  .refine((urls) => urls.every((url) => URL.canParse(url) && /^https?:/.test(url)), {
    error: 'expected addresses such as https://hub.example/, with commas between',
  })

/** `ops@example.org` or `Newsfold <ops@example.org>`; no comma, which divides several. */
const mailAddress = z
  .string()
  .regex(
    /^(?:[^<>@,\r\n]*<[^\s<>@,]+@[^\s<>@,]+>|[^\s<>@,]+@[^\s<>@,]+)$/,
    'expected a mail address such as ops@example.org',
  )

/** As it is written, for the table; whoever needs the milliseconds reads it again. */
const keepFor = z.string().refine((text) => (parseDuration(text) ?? 0) >= 86_400_000, {
  error: 'expected a duration of a day or more such as "90d"',
})

/** Trouble is looked for once a minute, and what is told a day later is no news. */
const tellAfter = z.string().refine(
  (text) => {
    const ms = parseDuration(text) ?? 0
    return ms >= 60_000 && ms <= 86_400_000
  },
  { error: 'expected a duration from 1m to 1d such as "5m"' },
)

/** Every setting, by the name of its environment variable. This table is the only list of them. */
export const settingsSchema = z.object({
  DATABASE_URL: optionalUrl(/^postgres(ql)?$/, 'postgresql://user:password@host:5432/newsfold').describe(
    'PostgreSQL 14 or newer. Not set: the embedded one in the data folder.',
  ),
  REDIS_URL: optionalUrl(/^rediss?$/, 'redis://host:6379').describe(
    'Redis or Valkey for the queue. Not set: the queue lives in PostgreSQL.',
  ),
  NEWSFOLD_DATA: z
    .string()
    .min(1)
    .default('data')
    .transform((path) => resolve(path))
    .describe('The data folder.'),
  NEWSFOLD_CONFIG: z
    .string()
    .min(1)
    .default('config')
    .transform((path) => resolve(path))
    .describe('The folder with feeds.yaml and sources/*.yaml.'),
  NEWSFOLD_HOST: z.string().min(1).default('127.0.0.1').describe('The address that the server listens on.'),
  NEWSFOLD_PORT: wholeNumber(0, 65_535)
    .default(8080)
    .describe('Its port; another free one is taken when it is in use.'),
  NEWSFOLD_METRICS_PORT: wholeNumber(1, 65_535)
    .nullable()
    .default(null)
    .describe(
      'A port for /metrics, /healthz and /readyz, also of a process that only crawls. Not set: at NEWSFOLD_PORT.',
    ),
  NEWSFOLD_PUBLIC_URL: optionalUrl(/^https?$/, 'https://news.example.org').describe(
    'How readers reach the server, for links in feeds. Not set: its own address.',
  ),
  NEWSFOLD_HOST_NAMES: wordList(/^[\w.-]+$/, 'names such as news.example.org, with commas between').describe(
    'Further names that readers may reach the server by; others are refused.',
  ),
  NEWSFOLD_HUBS: urlList.describe(
    'WebSub hubs of others that are told of changes, with commas between; needs NEWSFOLD_PUBLIC_URL.',
  ),
  NEWSFOLD_ALLOW_PRIVATE_HOSTS: wordList(/^[^/\s]+:\d+$/, 'host:port pairs with commas between').describe(
    'Subscribers, webhooks and hubs that may be at private addresses: host:port, with commas between.',
  ),
  NEWSFOLD_CHROMIUM: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('Path of the Chromium that renders pages of sources with `render: browser`. Not set: looked for.'),
  NEWSFOLD_CONTACT: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe(
      'A page or mail address of yours that publishers find in the user agent. Set it before you crawl the web.',
    ),
  NEWSFOLD_RUNS: wholeNumber(1, 100).default(8).describe('Crawls at the same time in one process.'),
  NEWSFOLD_REQUESTS: wholeNumber(1, 1000)
    .default(100)
    .describe('Requests to publishers that are open at the same time in one process.'),
  NEWSFOLD_ALERT_WEBHOOK: optionalUrl(/^https?$/, 'https://chat.example.org/hooks/…').describe(
    'Where trouble and its end are told, as JSON with a "text". Not set: in the log alone.',
  ),
  NEWSFOLD_ALERT_SMTP_URL: optionalUrl(/^smtps?$/, 'smtp://user:password@mail.example.org:587').describe(
    'A mail server by which the same is told in plain text; smtps: for TLS from the beginning. Not set: no mail.',
  ),
  NEWSFOLD_ALERT_MAIL_FROM: mailAddress.nullable().default(null).describe('Who such mail is from.'),
  NEWSFOLD_ALERT_MAIL_TO: z
    .string()
    .default('')
    .transform(parts)
    .refine((all) => all.every((one) => mailAddress.safeParse(one).success), {
      error: 'expected mail addresses with commas between',
    })
    .describe('Whom it goes to, with commas between.'),
  NEWSFOLD_ALERT_AFTER: tellAfter
    .default('1m')
    .describe('How long trouble, or a worse state of a source, lasts before it is told, at least a minute.'),
  NEWSFOLD_KEEP_RUNS: keepFor
    .default('90d')
    .describe('How long the records of crawls are kept; of those that found nothing new, three days at the most.'),
  NEWSFOLD_KEEP_REVISIONS: keepFor
    .nullable()
    .default(null)
    .describe('How long texts are kept that articles had between the first and the present one. Not set: for ever.'),
  NEWSFOLD_KEEP_ARTICLES: keepFor
    .nullable()
    .default(null)
    .describe(
      'How long stories are kept after their last change; the newest ten pages of each feed stay. Not set: for ever.',
    ),
  NEWSFOLD_LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('The least serious level that is logged.'),
})
export type Settings = Readonly<z.output<typeof settingsSchema>>

/** Read by the tests, not by the program. */
const foreign = new Set(['NEWSFOLD_REQUIRE'])

const prefix = 'NEWSFOLD_'
/** The ends that are written for `_URL`; with any other one it is a name of another program: `DATABASE_SSL`, `REDIS_TTL`. */
const addressName = /^([A-Z]+?)_?(?:URL|URI|ULR)$/
const addresses = ['DATABASE', 'REDIS'] as const
/** Letters that may be wrong: `DATABSE_URL`, `REDDIS_URL`, `NEWFOLD_PORT`. */
const slip = (name: string): number => Math.floor(name.length / 4)

/** The setting that a name was probably meant to be which does not look like one of ours. */
function misspelt(name: string, known: readonly string[]): string | null {
  const [, store] = addressName.exec(name) ?? []
  const meant = store && addresses.find((one) => editDistance(store, one) <= slip(one))
  if (meant) return `${meant}_URL`
  const isOurs = name.includes('_') && editDistance(name.slice(0, name.indexOf('_') + 1), prefix) <= slip(prefix)
  return isOurs ? (known.find((one) => editDistance(name, one) <= slip(prefix)) ?? null) : null
}

function unknownNames(environment: NodeJS.ProcessEnv): string[] {
  const known = Object.keys(settingsSchema.shape)
  return Object.keys(environment).flatMap((name) => {
    if (known.includes(name) || foreign.has(name) || !environment[name]) return []
    const isOurs = name.startsWith(prefix)
    const nearest = isOurs ? nearestName(name, known) : misspelt(name, known)
    // What is given beside the right one was not meant to be it.
    if (!isOurs && (nearest === null || environment[nearest])) return []
    return [`${name}: no such setting${nearest ? `; did you mean ${nearest}?` : ''}`]
  })
}

/** Hubs fetch feeds at the address that readers use. */
function missingPublicUrl(given: Readonly<Record<string, string | undefined>>): string[] {
  if (given['NEWSFOLD_HUBS'] === undefined || given['NEWSFOLD_PUBLIC_URL'] !== undefined) return []
  return ['NEWSFOLD_PUBLIC_URL: expected too, since NEWSFOLD_HUBS is set: hubs fetch feeds at the address of readers']
}

const mailNames = ['NEWSFOLD_ALERT_SMTP_URL', 'NEWSFOLD_ALERT_MAIL_FROM', 'NEWSFOLD_ALERT_MAIL_TO'] as const

/** Mail needs a server, a sender and receivers: one without the others would never be sent. */
function missingMailNames(given: Readonly<Record<string, string | undefined>>): string[] {
  const missing = mailNames.filter((name) => given[name] === undefined)
  if (missing.length === 0 || missing.length === mailNames.length) return []
  const present = mailNames.filter((name) => !missing.includes(name))
  return [
    `${missing.join(' and ')}: expected too, since ${present.join(' and ')} ${present.length === 1 ? 'is' : 'are'} set`,
  ]
}

/** Addresses hold passwords and keys: a message must not. */
const isSecret = (name: string): boolean => name.endsWith('_URL') || name === 'NEWSFOLD_ALERT_WEBHOOK'

/**
 * Reads all settings from the environment.
 * @throws {ConfigurationError} names every mistake at once: wrong values and misspelt names
 */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const given: Readonly<Record<string, string | undefined>> = Object.fromEntries(
    Object.keys(settingsSchema.shape).flatMap((name) => (environment[name] ? [[name, environment[name]]] : [])),
  )
  const result = settingsSchema.safeParse(given)
  const wrong = result.success
    ? []
    : result.error.issues.map(({ path, message }) => {
        const name = path.join('.')
        const got = isSecret(name) ? 'the value given' : JSON.stringify(environment[name])
        return `${name}: ${message}, got ${got}`
      })
  const mistakes = [...unknownNames(environment), ...wrong, ...missingMailNames(given), ...missingPublicUrl(given)]
  if (result.success && mistakes.length === 0) return result.data
  throw new ConfigurationError(
    'settings.invalid',
    `The settings have ${mistakes.length === 1 ? 'a mistake' : `${mistakes.length} mistakes`}:\n  ${mistakes.join('\n  ')}`,
  )
}
