import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import { readListing } from '../src/article/listing/read-listing.ts'
import { localTimeOf } from '../src/text/zone.ts'
import type { ListingItem } from '../src/model/listing-item.ts'

/**
 * What the labelled list pages must give at least; may only rise. Titles fall short where a label has the shortened
 * text of a link and the reader the full one of its title attribute.
 */
export const listingFloors = { f: 0.99, titles: 0.98, dates: 0.98 } as const

/** Shares from 0 to 1 over the labelled list pages. */
export interface ListingFigures {
  readonly pages: number
  /** Mean over pages of the F1 of items by address. */
  readonly f: number
  /** Right titles among the items found. */
  readonly titles: number
  /** Right dates among the items found whose label is a date, not "3 hours ago". */
  readonly dates: number
  readonly floors: typeof listingFloors
}

const caseSchema = z.object({
  id: z.string(),
  url: z.url(),
  htmlFile: z.string(),
  items: z.array(z.object({ url: z.string(), title: z.string(), date: z.string().optional() })),
})

const labels = z.string().transform((text) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => caseSchema.parse(JSON.parse(line))),
)

async function loadNormTitle(sharedDir: string): Promise<(title: string | null) => string> {
  const scores: unknown = await import(pathToFileURL(join(sharedDir, 'tools/text-scores.mjs')).href)
  const { normTitle } = z.object({ normTitle: z.function({ input: [z.string()], output: z.string() }) }).parse(scores)
  return (title) => normTitle(title ?? '')
}

/** As labels write dates: `2020-08-16 22:26:38`, Beijing time. */
function dateLabel(item: ListingItem): string {
  if (item.publishedAt === null) return ''
  const local = localTimeOf(Date.parse(item.publishedAt.at), 'Asia/Shanghai')
  const [year, ...rest] = [local.year, local.month, local.day, local.hour, local.minute, local.second]
  const [month, day, hour, minute, second] = rest.map((part) => String(part).padStart(2, '0'))
  return `${year}-${month}-${day} ${hour}:${minute}:${second}`
}

function ratio(hits: number, all: number): number {
  return all === 0 ? 0 : hits / all
}

/** Reads the labelled list pages of `corpora/listing` without rules, prints a line a page and returns the figures. */
export async function evaluateListings(sharedDir: string): Promise<ListingFigures> {
  const normTitle = await loadNormTitle(sharedDir)
  const corpus = join(sharedDir, 'corpora/listing')
  const cases = labels.parse(readFileSync(join(corpus, 'cases.jsonl'), 'utf8'))
  const sum = { f: 0, found: 0, titles: 0, dated: 0, dates: 0 }
  for (const { id, url, htmlFile, items } of cases) {
    const got = new Map(
      readListing({ body: readFileSync(join(corpus, htmlFile)), url }).map((item) => [item.url, item]),
    )
    const hits = items.flatMap((want) => {
      const item = got.get(want.url)
      return item === undefined ? [] : [{ want, item }]
    })
    const [precision, recall] = [ratio(hits.length, got.size), ratio(hits.length, items.length)]
    const f = ratio(2 * precision * recall, precision + recall)
    sum.f += f
    sum.found += hits.length
    sum.titles += hits.filter(({ want, item }) => normTitle(want.title) === normTitle(item.title)).length
    const dated = hits.filter(({ want }) => /^\d{4}-/.test(want.date ?? ''))
    sum.dated += dated.length
    sum.dates += dated.filter(({ want, item }) => dateLabel(item).startsWith(want.date ?? '-')).length
    console.log(`listing ${id.padEnd(14)} want ${items.length} got ${got.size} F ${f.toFixed(3)}`)
  }
  const figures = {
    pages: cases.length,
    f: ratio(sum.f, cases.length),
    titles: ratio(sum.titles, sum.found),
    dates: ratio(sum.dates, sum.dated),
    floors: listingFloors,
  }
  console.log(
    `listing mean F ${figures.f.toFixed(3)} titles ${sum.titles}/${sum.found} dates ${sum.dates}/${sum.dated} over ${cases.length} pages`,
  )
  return figures
}
