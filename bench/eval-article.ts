import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import { readArticle } from '../src/article/read-article.ts'
import { zoneOffsetMs } from '../src/text/zone.ts'
import type { Article } from '../src/model/article.ts'
import type { StatedTime } from '../src/model/time.ts'

/** The figures of one corpus in percent; absent where the corpus has no such labels. */
export type ArticleFigures = Readonly<Record<string, number>>

/**
 * What the reader has reached on the labelled pages, rounded down; these may only rise. `wrong`, `bad` and `spread` are
 * ceilings, the others floors.
 */
export const articleFloors: Readonly<Record<string, ArticleFigures>> = {
  'article-zh': {
    doc: 98.5,
    short: 97,
    para: 92,
    bad: 0,
    title: 96,
    day: 98,
    wrong: 1.1,
    minute: 98.5,
    author: 68,
    source: 96,
  },
  'article-zh-markup': {
    doc: 99.4,
    short: 99,
    para: 95.5,
    bad: 0,
    title: 100,
    day: 100,
    wrong: 0,
    minute: 100,
    source: 96,
    spread: 0.1,
  },
  'article-en': { doc: 95.8, para: 92.5, bad: 2.3 },
}

const ceilings = new Set(['wrong', 'bad', 'spread'])

const caseSchema = z.looseObject({
  id: z.string(),
  htmlFile: z.string(),
  lang: z.string(),
  url: z.string().nullish(),
  text: z.string().nullish(),
  title: z.string().nullish(),
  date: z.string().nullish(),
  dateTime: z.string().nullish(),
  author: z.string().nullish(),
  source: z.string().nullish(),
})
type Case = z.output<typeof caseSchema>

interface Scores {
  textScore(gold: string, got: string): { fc: number; para: number }
  titleScore(gold: string, got: string | null): { exact: number }
  dateScore(label: Case, got: string | null): { ok: number; has: number }
  minuteScore(label: Case, got: string | null): number | null
  nameScore(gold: string, got: string | null): { ok: number }
}

const isScores = (module: object): module is Scores =>
  ['textScore', 'titleScore', 'dateScore', 'minuteScore', 'nameScore'].every((name) => name in module)

const two = (value: number) => String(Math.floor(value)).padStart(2, '0')

/** A time as its publisher states it: local, with the offset; only the day where nothing else was stated. */
export function localTime(time: StatedTime | null): string | null {
  if (!time) return null
  const offsetMs = zoneOffsetMs(Date.parse(time.at), time.zone)
  const local = new Date(Date.parse(time.at) + offsetMs).toISOString()
  if (time.precision === 'day') return local.slice(0, 10)
  const minutes = Math.abs(offsetMs) / 60_000
  return `${local.slice(0, 19)}${offsetMs < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`
}

type Row = Record<string, number | string>

function scoreCase(scores: Scores, label: Case, article: Article): Row {
  const row: Row = { id: label.id }
  const date = localTime(article.publishedAt)
  if (label.text) {
    const { fc, para } = scores.textScore(label.text, article.bodyText)
    row['doc'] = fc
    row['para'] = para
    row['bad'] = Number(fc < 0.5)
    // Ministries publish notices of this length most.
    if (label.text.length <= 400) row['short'] = fc
  }
  if (label.title) row['title'] = scores.titleScore(label.title, article.title).exact
  if (label.date) {
    const { ok, has } = scores.dateScore(label, date)
    row['day'] = ok
    row['wrong'] = Number(has > 0 && ok === 0)
    const minute = label.dateTime ? scores.minuteScore(label, date) : null
    if (minute !== null) row['minute'] = minute
  }
  if (label.author) row['author'] = scores.nameScore(label.author, article.byline).ok
  if (label.source) row['source'] = scores.nameScore(label.source, article.origin).ok
  return row
}

const figureNames = ['doc', 'short', 'para', 'bad', 'title', 'day', 'wrong', 'minute', 'author', 'source']

function mean(rows: readonly Row[], name: string): number | null {
  const values = rows.map((row) => row[name]).filter((value) => typeof value === 'number')
  return values.length === 0 ? null : (100 * values.reduce((sum, value) => sum + value, 0)) / values.length
}

function figuresOf(rows: readonly Row[]): ArticleFigures {
  const figures: Record<string, number> = {}
  for (const name of figureNames) {
    const value = mean(rows, name)
    if (value !== null) figures[name] = value
  }
  // The same texts in several markups: `mut-br/…`, `mut-td/…`.
  const markups = [...new Set(rows.map(({ id }) => String(id).split('/')[0] ?? ''))].filter((name) =>
    name.startsWith('mut-'),
  )
  const docs = markups.map(
    (name) =>
      mean(
        rows.filter(({ id }) => String(id).startsWith(`${name}/`)),
        'doc',
      ) ?? 0,
  )
  if (docs.length > 1) figures['spread'] = Math.max(...docs) - Math.min(...docs)
  return figures
}

function casesIn(folder: string): Case[] {
  return readFileSync(join(folder, 'cases.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => caseSchema.parse(JSON.parse(line)))
}

/** The figures that fell below their floor or rose above their ceiling, in words. */
export function articleShortfalls(figures: Readonly<Record<string, ArticleFigures>>): string[] {
  return Object.entries(articleFloors).flatMap(([corpus, floors]) =>
    Object.entries(floors).flatMap(([name, floor]) => {
      const value = figures[corpus]?.[name]
      if (value === undefined) return [`${corpus} ${name}: not measured`]
      const isShort = ceilings.has(name) ? value > floor : value < floor
      return isShort ? [`${corpus} ${name}: ${value.toFixed(1)}, pinned at ${floor}`] : []
    }),
  )
}

/**
 * Reads the labelled pages under `corporaDir` and prints how right the reader is, a line a corpus.
 * `corporaDir` has the corpora beside a folder `tools` with the scores: `<dir>/corpora`, `<dir>/tools`.
 */
export async function evaluateArticles(corporaDir: string): Promise<Readonly<Record<string, ArticleFigures>>> {
  const module: unknown = await import(pathToFileURL(join(corporaDir, '..', 'tools', 'text-scores.mjs')).href)
  if (typeof module !== 'object' || module === null || !isScores(module))
    throw new Error('text-scores.mjs is not what it was')
  const all: Record<string, ArticleFigures> = {}
  for (const corpus of Object.keys(articleFloors)) {
    const folder = join(corporaDir, corpus)
    if (!existsSync(folder)) continue
    const rows = casesIn(folder).map((label) => {
      const body = readFileSync(join(folder, label.htmlFile))
      return scoreCase(module, label, readArticle({ body, url: label.url ?? '' }))
    })
    const figures = figuresOf(rows)
    all[corpus] = figures
    const cells = Object.entries(figures).map(([name, value]) => `${name} ${value.toFixed(1)}`)
    process.stdout.write(`${corpus} (${rows.length} pages): ${cells.join(', ')}\n`)
  }
  return all
}
