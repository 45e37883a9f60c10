import { constants, copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import type { Logger } from 'pino'
import { parse } from 'yaml'
import { ConfigurationError, describeError, UnreadableError } from '../../model/errors.ts'
import { sourceSchema, type Source } from '../../model/source.ts'
import { readSourceFiles, sourceFile } from '../../runtime/config-files.ts'
import { sourceJsonSchema } from '../../runtime/source-json-schema.ts'
import type { Settings } from '../../runtime/settings.ts'
import { createContext } from '../context.ts'
import { formatLook } from '../look-text.ts'
import { lookAt, type Look } from '../look-at.ts'
import { draftSource, freeId, idOf } from '../source-draft.ts'
import { openSteps } from '../steps.ts'

/** A source that was found and not yet written. */
export interface SourceDraft {
  readonly source: Source
  readonly file: string
  readonly text: string
  readonly look: Look
}

function knownSources(configFolder: string): { ids: ReadonlySet<string>; sources: readonly Source[] } {
  if (!existsSync(join(configFolder, 'sources'))) return { ids: new Set(), sources: [] }
  const { sources, broken } = readSourceFiles(configFolder)
  return { ids: new Set([...sources, ...broken].map(({ id }) => id)), sources }
}

/**
 * Makes a source of an address.
 * @param options.id absent: made of the host's name
 * @throws {UnreadableError} `source.not-found`: no list of announcements; the message says what was tried
 * @throws {ConfigurationError} the id is taken or none, or a source reads the same listing already
 */
export async function draftFrom(
  address: string,
  options: {
    settings: Settings
    log: Logger
    id?: string | undefined
    render?: Source['render']
    onStep?: (url: string, as: string) => void
  },
): Promise<SourceDraft> {
  const { settings, log, onStep, render = 'http' } = options
  const known = knownSources(settings.NEWSFOLD_CONFIG)
  if (options.id !== undefined && known.ids.has(options.id)) {
    throw new ConfigurationError('source.id-taken', `There is a source "${options.id}" already; choose another --id.`)
  }
  const look = await lookAt(address, { settings, log, render, ...(onStep && { onStep }) })
  const { listing } = look
  if (listing === null) throw new UnreadableError('source.not-found', formatLook({ ...look, article: null }))
  const same = known.sources.find((source) => source.listings.some(({ url }) => url === listing.url))
  if (same) {
    throw new ConfigurationError('source.known', `Source "${same.id}" reads ${listing.url} already; nothing to add.`)
  }
  const id = options.id ?? freeId(idOf(listing.url), known.ids)
  const text = draftSource(look, listing, new Date())
  const source = sourceSchema.safeParse({ id, ...parse(text) })
  if (!source.success) {
    const reason = source.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
    throw new ConfigurationError(
      'source.bad-draft',
      `Cannot make a source of ${address}: ${reason}. Choose another --id.`,
    )
  }
  return { source: source.data, file: sourceFile(settings.NEWSFOLD_CONFIG, id), text, look }
}

/** Writes a draft; never over a file that is there. */
export function writeDraft({ file, text, source }: SourceDraft, configFolder: string): void {
  mkdirSync(join(configFolder, 'sources'), { recursive: true })
  const schema = join(configFolder, 'source.schema.json')
  try {
    // The file's first line points an editor to it.
    if (!existsSync(schema)) writeFileSync(schema, `${JSON.stringify(sourceJsonSchema(), null, 2)}\n`)
    writeFileSync(file, text, { flag: 'wx' })
  } catch (cause) {
    throw new ConfigurationError(
      'source.not-written',
      `Cannot write ${file}. Choose another --id than "${source.id}".`,
      cause,
    )
  }
}

/** Takes a file of the catalogue over, when its id was given. */
export function takeFromCatalogue(id: string, configFolder: string): boolean {
  const from = sourceFile(configFolder, id, 'catalogue')
  if (!/^[a-z\d][a-z\d-]*$/.test(id) || !existsSync(from)) return false
  const file = sourceFile(configFolder, id)
  try {
    mkdirSync(dirname(file), { recursive: true })
    copyFileSync(from, file, constants.COPYFILE_EXCL)
  } catch (cause) {
    throw new ConfigurationError('source.not-written', `Cannot write ${file}: ${describeError(cause)}.`, cause)
  }
  process.stdout.write(
    `✓ ${file}, from the catalogue\n  newsfold source test ${id} --live   shows what is read of it\n`,
  )
  return true
}

async function isConfirmed(file: string): Promise<boolean> {
  const questions = createInterface({ input: process.stdin, output: process.stdout })
  const answer = await questions.question(`Write ${file}? [Y/n] `).finally(() => questions.close())
  return !/^\s*n/i.test(answer)
}

/** `newsfold source add`: an address becomes a source file. */
export async function addSourceFile(
  address: string,
  flags: { yes?: boolean; id?: string; browser?: boolean },
): Promise<void> {
  const { settings, log } = createContext('fatal')
  if (takeFromCatalogue(address, settings.NEWSFOLD_CONFIG)) return
  const steps = openSteps()
  const render = flags.browser ? 'browser' : 'http'
  const draft = await draftFrom(address, { settings, log, id: flags.id, render, onStep: steps.show }).finally(
    steps.clear,
  )
  process.stdout.write(`${formatLook(draft.look)}\n\n`)
  if (!flags.yes) {
    process.stdout.write(`${draft.text}\n`)
    if (!process.stdin.isTTY) {
      throw new ConfigurationError('source.not-confirmed', `Nothing was written: add --yes to write ${draft.file}.`)
    }
    if (!(await isConfirmed(draft.file))) return
  }
  writeDraft(draft, settings.NEWSFOLD_CONFIG)
  process.stdout.write(
    `✓ ${draft.file}\n  newsfold crawl ${draft.source.id}   reads it now; "newsfold start" reads it on schedule\n`,
  )
}
