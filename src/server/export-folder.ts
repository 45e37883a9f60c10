import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmdirSync, unlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { ConfigurationError } from '../model/errors.ts'

/** What an export remembers of itself, in the folder. */
const manifestSchema = z.object({
  /** What pages are made with: another program, other sources or another address make them anew. */
  renderer: z.string(),
  /** SHA-256 of each file by its path. */
  files: z.record(z.string(), z.string()),
  /** What each page of stories was made of, by its path. */
  pages: z.record(z.string(), z.string()),
})
type Manifest = z.output<typeof manifestSchema>

const manifestName = '.newsfold-export.json'

/** What an export came to, in files. */
export interface ExportOutcome {
  readonly written: number
  readonly unchanged: number
  readonly removed: number
}

/** A folder of files that are ours, beside others that are left alone. */
export interface ExportFolder {
  /** Puts a file there; one with the same bytes is not touched. */
  put(path: string, body: Buffer): void
  /** Keeps a page that was made of the same state of its stories; `false`: it has to be rendered. */
  keep(path: string, state: string): boolean
  /** Removes what earlier exports left and this one has not, and remembers this one. */
  finish(): ExportOutcome
}

function hashOf(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex')
}

function readManifest(file: string): Manifest {
  if (!existsSync(file)) return { renderer: '', files: {}, pages: {} }
  const result = manifestSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')))
  if (result.success) return result.data
  throw new ConfigurationError(
    'export.bad-manifest',
    `${file}: expected the list of an earlier export, got something else. Export into another folder, or empty this one.`,
  )
}

/** Whole or not at all, so that a web server never sends half a file. */
function replaceFile(file: string, body: Buffer | string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(`${file}.new`, body)
  renameSync(`${file}.new`, file)
}

function foreignFile(file: string): ConfigurationError {
  return new ConfigurationError(
    'export.foreign-file',
    `${file} is there already and is not of an export. Export into another folder, or move the file away.`,
  )
}

function removeFile(folder: string, path: string, hash: string): boolean {
  const file = join(folder, path)
  // What somebody else has put in its place is not ours to remove.
  if (!existsSync(file) || hashOf(readFileSync(file)) !== hash) return false
  unlinkSync(file)
  try {
    rmdirSync(dirname(file))
  } catch {
    // Other files are in it.
  }
  return true
}

/**
 * Opens a folder for an export; it is made when it is not there.
 * @throws {ConfigurationError} `put` would overwrite a file that no export has written
 */
export function openExportFolder(folder: string, renderer: string): ExportFolder {
  const manifestFile = join(folder, manifestName)
  const before = readManifest(manifestFile)
  const known = new Map(Object.entries(before.files))
  const knownPages = new Map(before.renderer === renderer ? Object.entries(before.pages) : [])
  const files = new Map<string, string>()
  const pages = new Map<string, string>()
  let written = 0
  let unchanged = 0

  return {
    put: (path, body) => {
      const file = join(folder, path)
      const hash = hashOf(body)
      const isThere = existsSync(file)
      const present = isThere ? hashOf(readFileSync(file)) : null
      if (present !== hash) {
        if (isThere && !known.has(path)) throw foreignFile(file)
        replaceFile(file, body)
        written++
      } else {
        unchanged++
      }
      files.set(path, hash)
    },
    keep: (path, state) => {
      pages.set(path, state)
      const hash = known.get(path)
      if (hash === undefined || knownPages.get(path) !== state) return false
      if (!existsSync(join(folder, path))) return false
      files.set(path, hash)
      unchanged++
      return true
    },
    finish: () => {
      const gone = [...known].filter(([path]) => !files.has(path))
      const removed = gone.filter(([path, hash]) => removeFile(folder, path, hash)).length
      const manifest: Manifest = {
        renderer,
        files: Object.fromEntries(files),
        pages: Object.fromEntries(pages),
      }
      replaceFile(manifestFile, JSON.stringify(manifest))
      return { written, unchanged, removed }
    },
  }
}
