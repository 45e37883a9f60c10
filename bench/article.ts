import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { extractFromHtml } from '@extractus/article-extractor'
import { Readability } from '@mozilla/readability'
import { Defuddle } from 'defuddle/node'
import { parseHTML } from 'linkedom'
import { readArticle } from 'newsfold/article'
import { decodePage } from '../src/article/charset.ts'
import { median } from './median.ts'

interface BenchPage {
  readonly body: Buffer
  /** What a reader of text has to be told to decode it by. */
  readonly encoding: string
  readonly url: string
}

/** Every how many-th page is read: enough for a steady ratio, and the slowest of the systems is done within a minute. */
const step = 4

function filesUnder(folder: string, endings: readonly string[]): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
}

/** Labelled pages beside the checkout where they are, else the fixtures of the tests. */
function readPages(): BenchPage[] {
  const corpora = ['article-zh', 'article-en'].map((name) => resolve('..', 'shared', 'corpora', name, 'pages'))
  const files = corpora.every((folder) => existsSync(folder))
    ? corpora.flatMap((folder) => filesUnder(folder, ['.html'])).filter((_, i) => i % step === 0)
    : filesUnder(resolve('test', 'fixtures', 'article'), ['.html'])
  return files.map((file) => {
    const body = readFileSync(file)
    return { body, encoding: decodePage({ body }).encoding, url: 'https://news.example/a/2019/1031/c1.html' }
  })
}

type System = (page: BenchPage) => unknown

/** Every system begins with bytes; those that read text are spared finding out the encoding. */
const textOf = ({ body, encoding }: BenchPage): string => new TextDecoder(encoding).decode(body)

/** Newsfold as it ships: compiled. */
const systems: Readonly<Record<string, System>> = {
  newsfold: (page) => readArticle(page),
  'readability + linkedom': (page) => new Readability(parseHTML(textOf(page)).document).parse(),
  defuddle: async (page) => Defuddle(parseHTML(textOf(page)).document, page.url),
  'article-extractor': async (page) => extractFromHtml(textOf(page), page.url),
}

/** Counted passes of each system, in turn, so that a change of the machine's pace meets all of them. */
const rounds = 3

/** Processor time, since other programs on the machine make the wall clock say nothing. */
async function pagesPerSecond(system: System, pages: readonly BenchPage[]): Promise<number> {
  const from = process.cpuUsage()
  for (const page of pages) {
    try {
      await system(page)
    } catch {
      // A system that fails on a page has spent its time on it all the same.
    }
  }
  const { user, system: kernel } = process.cpuUsage(from)
  return pages.length / ((user + kernel) / 1e6)
}

/** Prints how many pages a second of processor time each reader reads, and how many times as fast Newsfold is. */
export async function run(): Promise<void> {
  const pages = readPages()
  // Some systems print what they make of a page.
  const { log, warn, error } = console
  const speeds = new Map<string, number[]>()
  Object.assign(console, { log: () => {}, warn: () => {}, error: () => {} })
  try {
    // The first two passes warm the compiler up, as the first minute of a crawl does.
    for (let round = -2; round < rounds; round++) {
      for (const [name, system] of Object.entries(systems)) {
        const speed = await pagesPerSecond(system, pages)
        if (round >= 0) speeds.set(name, [...(speeds.get(name) ?? []), speed])
      }
    }
  } finally {
    Object.assign(console, { log, warn, error })
  }
  const own = speeds.get('newsfold') ?? []
  process.stdout.write(`article: ${pages.length} pages, median of ${rounds} rounds in turn\n`)
  for (const [name, each] of speeds) {
    const ratios = each.map((speed, round) => (own[round] ?? 0) / speed)
    const ratio = name === 'newsfold' ? '' : `; newsfold is ${median(ratios).toFixed(1)} times as fast`
    process.stdout.write(`  ${name}: ${median(each).toFixed(1)} pages/s${ratio}\n`)
  }
}
