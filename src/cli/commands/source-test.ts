import { join } from 'node:path'
import type { Logger } from 'pino'
import { needsRules, proposeRules } from '../../crawlers/propose-rules.ts'
import { fetchSample, judgeSample, readSample } from '../../crawlers/sample-source.ts'
import { ConfigurationError, UnreadableError } from '../../model/errors.ts'
import type { Source } from '../../model/source.ts'
import { readSourceFiles, sourceFile } from '../../runtime/config-files.ts'
import { writeVerified } from '../../runtime/edit-source.ts'
import type { Settings } from '../../runtime/settings.ts'
import { createContext } from '../context.ts'
import { findSource } from '../find-source.ts'
import { knownArticles } from '../known-articles.ts'
import { formatStated } from '../look-text.ts'
import { formatProposal } from '../proposal-text.ts'
import { differences, factsOf, readRecording, recordedIds, recordingsFolder, writeRecording } from '../recording.ts'
import { openSteps } from '../steps.ts'
import { fit } from '../table.ts'
import { withVisitPorts } from '../visit-ports.ts'

/** Enough for a listing and three articles at the longest delay that robots.txt may ask for. */
const budgetMs = 300_000

/**
 * Fetches the listing and three articles of a source now and keeps them as a fixture.
 * @throws {UnreadableError} `source.nothing-recorded`: nothing could be fetched
 */
export async function recordSource(source: Source, settings: Settings, log: Logger): Promise<string> {
  return await withVisitPorts({ settings, log }, async (ports, agent) => {
    const steps = openSteps()
    const { pages, problems } = await fetchSample(source, ports, { userAgent: agent, budgetMs, onStep: steps.show })
    steps.clear()
    if (!pages.some(({ role }) => role === 'article')) {
      throw new UnreadableError(
        'source.nothing-recorded',
        `Cannot record source "${source.id}": ${problems.join('; ') || 'its listing names no article that can be read'}.`,
      )
    }
    const folder = join(recordingsFolder(settings.NEWSFOLD_CONFIG), source.id)
    writeRecording(folder, source, pages, factsOf(await readSample(source, pages, ports.reader)))
    return folder
  })
}

/** Reads a recording again. @returns one line for each difference from what was read when it was recorded */
export async function testRecorded(
  id: string,
  source: Source | null,
  settings: Settings,
  log: Logger,
): Promise<string[]> {
  const recording = readRecording(join(recordingsFolder(settings.NEWSFOLD_CONFIG), id))
  // The rules of today are what is tested; the recording's own ones stand in where the source is gone.
  const sample = await withVisitPorts({ settings, log }, ({ reader }) =>
    readSample(source ?? recording.source, recording.pages, reader),
  )
  return differences(recording.expected, factsOf(sample))
}

/** Fetches and reads now. @returns one line for each thing that is missing */
export async function testLive(source: Source, settings: Settings, log: Logger): Promise<readonly string[]> {
  return await withVisitPorts({ settings, log }, async (ports, agent) => {
    const steps = openSteps()
    const { pages, problems } = await fetchSample(source, ports, { userAgent: agent, budgetMs, onStep: steps.show })
    steps.clear()
    const sample = await readSample(source, pages, ports.reader)
    for (const { url, items } of sample.listings) process.stdout.write(`  ${url}: ${items.length} items\n`)
    for (const { article } of sample.articles) {
      const words = article?.bodyText.split('\n', 1)[0] ?? ''
      if (article)
        process.stdout.write(
          `  ${formatStated(article.publishedAt)}  ${fit(article.title ?? '–', 60)}  ${fit(words, 50)}\n`,
        )
    }
    if (needsRules(source, sample)) {
      const file = sourceFile(settings.NEWSFOLD_CONFIG, source.id)
      const known = await knownArticles(source.id, settings, log)
      process.stdout.write(formatProposal(file, proposeRules(source, sample, known.articles), known.missing))
    }
    return [...problems, ...judgeSample(source, sample)]
  })
}

interface TestFlags {
  readonly live?: boolean
  readonly all?: boolean
  readonly catalogue?: boolean
}

/** `newsfold source test`: whether sources are read as they should be. */
export async function testSources(id: string | undefined, flags: TestFlags): Promise<void> {
  const { settings, log } = createContext('fatal')
  const folder = flags.catalogue ? 'catalogue' : 'sources'
  const files = readSourceFiles(settings.NEWSFOLD_CONFIG, folder)
  const recorded = recordedIds(recordingsFolder(settings.NEWSFOLD_CONFIG))
  if ((id === undefined) === (flags.all !== true)) {
    throw new ConfigurationError('source.which', 'Expected either the id of a source, or --all.')
  }
  const all = flags.live ? files.sources.map((source) => source.id) : recorded
  for (const each of id === undefined ? all : [id]) {
    const source = files.sources.find((source) => source.id === each) ?? null
    if (source === null && (flags.live || !recorded.includes(each))) findSource(files, each)
    const problems =
      flags.live && source ? await testLive(source, settings, log) : await testRecorded(each, source, settings, log)
    process.stdout.write(`${problems.length === 0 ? '✓' : '✗'} ${each}\n`)
    for (const problem of problems) process.stdout.write(`    ${problem}\n`)
    if (problems.length > 0) process.exitCode = 1
    else if (flags.live)
      writeVerified(sourceFile(settings.NEWSFOLD_CONFIG, each, folder), new Date().toISOString().slice(0, 10))
  }
}

/** `newsfold source record`: keeps a source's pages for tests. */
export async function recordSourceFile(id: string): Promise<void> {
  const { settings, log } = createContext('fatal')
  const source = findSource(readSourceFiles(settings.NEWSFOLD_CONFIG), id)
  const folder = await recordSource(source, settings, log)
  process.stdout.write(`✓ ${folder}\n  look at expected.json: tests hold it from now on\n`)
}
