import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Command } from 'commander'
import { findArticleLines } from '../../archive/article-lines.ts'
import { articleLineSchema } from '../../model/article-line.ts'
import { ConfigurationError, describeError } from '../../model/errors.ts'
import { importArticle } from '../../queue/import-article.ts'
import { createContext } from '../context.ts'
import { requireRoom } from '../disk-room.ts'
import { openArchive } from '../services.ts'

async function exportLines(): Promise<void> {
  const { settings, log } = createContext('error')
  const archive = await openArchive(settings, log)
  try {
    for await (const line of findArticleLines(archive.database)) {
      if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain')
    }
  } finally {
    await archive.close()
  }
}

function parseLine(line: string, number: number) {
  try {
    return articleLineSchema.parse(JSON.parse(line))
  } catch (cause) {
    throw new ConfigurationError(
      'import.bad-line',
      `Line ${number} is no article: ${describeError(cause)}. The lines before it were taken; mend it and import again.`,
      cause,
    )
  }
}

/** Lines; each may be some hundred kilobytes. */
const roomEvery = 100

async function importLines(): Promise<void> {
  const { settings, log } = createContext('error')
  requireRoom(settings)
  const archive = await openArchive(settings, log)
  const counts = { stored: 0, known: 0 }
  let number = 0
  try {
    for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
      number++
      if (number % roomEvery === 0) requireRoom(settings)
      if (line.trim() !== '') counts[await importArticle(archive.database, parseLine(line, number))]++
    }
  } finally {
    await archive.close()
    process.stdout.write(`${counts.stored} taken, ${counts.known} known already\n`)
  }
}

/** `newsfold archive export` and `import`: articles as JSON Lines, from and into any archive. */
export function addArchive(program: Command): void {
  const command = program.command('archive').description('articles as lines of JSON, for other programs and archives')
  command.command('export').description('write every article to standard output').action(exportLines)
  command.command('import').description('take articles from standard input; known ones are left').action(importLines)
}
