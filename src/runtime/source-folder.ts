import { existsSync, readdirSync, statSync, type Stats } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { describeError } from '../model/errors.ts'
import type { Source } from '../model/source.ts'
import { readOneSource, readSourceFiles, sourceIdOfFile, type BrokenSource, type SourceFiles } from './config-files.ts'
import { settleMs, watchFolder } from './watch-folder.ts'

/** What a look at the folder found, by ids of sources. */
export interface SourceChanges {
  readonly added: readonly string[]
  readonly changed: readonly string[]
  readonly removed: readonly string[]
  /** Files that have become wrong; a source that was good before goes on as it was. */
  readonly broken: readonly BrokenSource[]
}

/** The source files of a process that runs, as they are now. */
export interface SourceFolder {
  /** Also those, disabled, that were private when their file went: their articles must not become everybody's by that. */
  sources(): readonly Source[]
  find(id: string): Source | null
  /** Files that are wrong now, also those whose source goes on as it was. */
  broken(): readonly BrokenSource[]
  /** Looks at the folder now. @returns `null`: nothing has changed */
  look(): Promise<SourceChanges | null>
  /** Looks whenever the system says that a file was written, and once in a while. */
  watch(onChange: (changes: SourceChanges) => void): void
  close(): void
}

const otherClockMs = 1000

interface Known {
  /** Size, time and number of the file that was read last. */
  readonly stamp: string
  /** The last good reading; `null` when there has been none. */
  readonly source: Source | null
  readonly problem: BrokenSource | null
}

interface FileState {
  readonly file: string
  readonly stamp: string
  readonly isSettled: boolean
}

const isSourceFile = (name: string): boolean => name.endsWith('.yaml')
const stampFrom = ({ ino, size, mtimeMs }: Stats): string => `${ino} ${size} ${mtimeMs}`

function stampsOf(folder: string): ReadonlyMap<string, string> {
  const stamps = new Map<string, string>()
  if (!existsSync(folder)) return stamps
  for (const name of readdirSync(folder).filter(isSourceFile)) {
    const stats = statSync(join(folder, name), { throwIfNoEntry: false })
    if (stats) stamps.set(sourceIdOfFile(name), stampFrom(stats))
  }
  return stamps
}

async function statesOf(folder: string, now: number): Promise<Map<string, FileState>> {
  const names = (await readdir(folder)).filter(isSourceFile)
  const states = new Map<string, FileState>()
  for (const name of names.toSorted()) {
    const file = join(folder, name)
    const stats = await stat(file).catch(() => null)
    // Removed since the names were read.
    if (!stats) continue
    const age = now - stats.mtimeMs
    // A time that is far to come is another clock's, and no reason to wait for it.
    states.set(sourceIdOfFile(name), {
      file,
      stamp: stampFrom(stats),
      isSettled: age < -otherClockMs || age >= settleMs,
    })
  }
  return states
}

function read(file: string, stamp: string, before: Known | undefined): Known {
  try {
    return { stamp, source: readOneSource(file), problem: null }
  } catch (error) {
    const problem = { id: sourceIdOfFile(file), file, problem: describeError(error) }
    return { stamp, source: before?.source ?? null, problem }
  }
}

/** A set of sources that never changes: the newsroom's, tests'. */
export function fixedSources(sources: readonly Source[]): SourceFolder {
  const byId = new Map(sources.map((source) => [source.id, source]))
  return {
    sources: () => sources,
    find: (id) => byId.get(id) ?? null,
    broken: () => [],
    look: async () => null,
    watch: () => undefined,
    close: () => undefined,
  }
}

function readAll(configFolder: string, folder: string): Map<string, Known> {
  // Before they are read: what is written in the meantime is read again.
  const stamps = stampsOf(folder)
  const { sources, broken }: SourceFiles = readSourceFiles(configFolder)
  const stampOf = (id: string): string => stamps.get(id) ?? ''
  return new Map<string, Known>([
    ...sources.map((source) => [source.id, { stamp: stampOf(source.id), source, problem: null }] as const),
    ...broken.map((problem) => [problem.id, { stamp: stampOf(problem.id), source: null, problem }] as const),
  ])
}

/**
 * The source files of `<config>/sources`, kept up with while the process runs.
 * @throws {ConfigurationError} there is no such folder
 */
export function openSourceFolder(configFolder: string, log: Logger): SourceFolder {
  const folder = join(configFolder, 'sources')
  const known = readAll(configFolder, folder)
  const gonePrivate = new Map<string, Source>()
  let list: readonly Source[] | null = null
  let isUnsettled = false
  let looking: Promise<SourceChanges | null> | null = null
  let listener: ((changes: SourceChanges) => void) | null = null

  const lookOnce = async (): Promise<SourceChanges | null> => {
    const states = await statesOf(folder, Date.now())
    const [added, changed, removed]: [string[], string[], string[]] = [[], [], []]
    const broken: BrokenSource[] = []
    isUnsettled = false
    for (const [id, { file, stamp, isSettled }] of states) {
      const before = known.get(id)
      if (before?.stamp === stamp) continue
      if (!isSettled) {
        isUnsettled = true
        continue
      }
      const after = read(file, stamp, before)
      known.set(id, after)
      if (after.source) gonePrivate.delete(id)
      if (after.problem) {
        if (after.problem.problem !== before?.problem?.problem) broken.push(after.problem)
      } else if (!before?.source) added.push(id)
      else if (JSON.stringify(after.source) !== JSON.stringify(before.source)) changed.push(id)
    }
    for (const [id, { source }] of known) {
      if (states.has(id)) continue
      if (source) removed.push(id)
      if (source?.private) gonePrivate.set(id, { ...source, enabled: false })
      known.delete(id)
    }
    const count = added.length + changed.length + removed.length + broken.length
    if (count === 0) return null
    list = null
    const changes = { added, changed, removed, broken }
    // Whoever has looked: a second look finds nothing.
    listener?.(changes)
    return changes
  }
  const look = (): Promise<SourceChanges | null> => {
    looking ??= lookOnce().finally(() => (looking = null))
    return looking
  }

  const watching = watchFolder<SourceChanges>(folder, log, async () => {
    try {
      await look()
    } catch (error) {
      // Not there at the moment, as a mount may be: what is known goes on.
      log.warn({ folder, reason: describeError(error) }, 'sources.not-read')
    }
    return isUnsettled
  })

  return {
    sources: () =>
      (list ??= [...[...known.values()].flatMap(({ source }) => (source ? [source] : [])), ...gonePrivate.values()]),
    find: (id) => known.get(id)?.source ?? null,
    broken: () => [...known.values()].flatMap(({ problem }) => (problem ? [problem] : [])),
    look,
    watch: (onChange) => {
      listener = onChange
      watching.watch(onChange)
    },
    close: () => {
      listener = null
      watching.close()
    },
  }
}
