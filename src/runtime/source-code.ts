import { statSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const extensions = ['ts', 'mts', 'mjs', 'js'] as const

/**
 * The code beside a source's file, as a file URL with the time of its last change, so that a changed file is another
 * module; `null` when the source has none.
 */
export function sourceCodeUrl(configFolder: string, id: string): string | null {
  for (const extension of extensions) {
    const file = join(configFolder, 'sources', `${id}.${extension}`)
    const stats = statSync(file, { throwIfNoEntry: false })
    if (stats?.isFile()) return `${pathToFileURL(file).href}?${stats.mtimeMs}`
  }
  return null
}
