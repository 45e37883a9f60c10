import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { canonicalUrl, StoryIndex } from '../src/dedup/public.ts'

/**
 * What must hold on the labelled corpora: shares from 0 to 1, or counts. They may only rise.
 * `mergedOf…` are shares of look-alikes that were folded by mistake and may only fall.
 */
export const dedupFloors = {
  urlsSameMerged: 14,
  urlsDifferentApart: 7,
  pairPrecision: 0.997,
  pairRecall: 0.995,
  bCubedF: 0.995,
  recallOfTruncated: 0.99,
  recallOfHeavilyRewritten: 0.98,
  recallOfBoilerplateStripped: 0.96,
  mergedOfTemplates: 0,
  mergedOfBulletins: 0.004,
  mergedOfBoilerplate: 0,
  mergedOfRoundUps: 0,
  mergedOfRoundUpAgainstCut: 0.01,
} as const

export type DedupFigures = Record<keyof typeof dedupFloors, number>

const urlPair = z.object({ why: z.string(), a: z.string(), b: z.string(), same: z.boolean() })
const storyPair = z.object({
  a: z.string(),
  b: z.string(),
  label: z.union([z.literal(0), z.literal(1)]),
  kind: z.string(),
})
const document = z.object({
  id: z.string(),
  title: z.string(),
  text: z.string(),
  url: z.string(),
  published: z.string().nullish(),
  cluster: z.string(),
  kind: z.string(),
})
type Document = z.output<typeof document>

/**
 * Scores addresses and stories on the labelled corpora in `sharedDir`, prints a table, and names every figure below its floor.
 * @returns the figures
 */
export function evaluateDedup(sharedDir: string): DedupFigures {
  const figures = {
    ...evaluateUrls(join(sharedDir, 'corpora/urls')),
    ...evaluateStories(join(sharedDir, 'corpora/dedup')),
  }
  for (const [name, value] of Object.entries(figures))
    process.stdout.write(`  ${name.padEnd(30)} ${value.toFixed(4)}\n`)
  for (const failure of belowFloors(figures)) process.stdout.write(`  BELOW ITS FLOOR: ${failure}\n`)
  return figures
}

/** One line for each figure that is worse than its floor allows. */
export function belowFloors(figures: DedupFigures): string[] {
  return Object.entries(dedupFloors).flatMap(([name, floor]) => {
    const value = Object.entries(figures).find(([key]) => key === name)?.[1] ?? Number.NaN
    const isKept = name.startsWith('mergedOf') ? value <= floor : value >= floor
    return isKept
      ? []
      : [`${name} is ${value.toFixed(4)}, expected ${name.startsWith('mergedOf') ? 'at most' : 'at least'} ${floor}`]
  })
}

function readLines<T>(file: string, schema: z.ZodType<T>): T[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => schema.parse(JSON.parse(line)))
}

function evaluateUrls(folder: string): Pick<DedupFigures, 'urlsSameMerged' | 'urlsDifferentApart'> {
  const right = readLines(join(folder, 'pairs.jsonl'), urlPair).filter(({ a, b, same, why }) => {
    const isRight = (canonicalUrl(a) === canonicalUrl(b)) === same
    if (!isRight) process.stdout.write(`  wrong address pair: ${why}\n`)
    return isRight
  })
  return {
    urlsSameMerged: right.filter(({ same }) => same).length,
    urlsDifferentApart: right.filter(({ same }) => !same).length,
  }
}

function evaluateStories(folder: string): Omit<DedupFigures, 'urlsSameMerged' | 'urlsDifferentApart'> {
  const documents = readLines(join(folder, 'documents.jsonl'), document)
  const pairs = readLines(join(folder, 'pairs.jsonl'), storyPair)
  const index = new StoryIndex()
  const story = new Map(documents.map((item) => [item.id, index.add(toArticle(item))]))
  const judged = pairs.map(({ a, b, label, kind }) => ({
    kind,
    isSame: label === 1,
    isTogether: story.get(a) === story.get(b),
  }))
  const together = (kind?: string) => {
    const some = judged.filter((pair) => kind === undefined || pair.kind === kind)
    return some.filter((pair) => pair.isTogether).length / some.length
  }
  const right = judged.filter((pair) => pair.isSame && pair.isTogether).length
  return {
    pairPrecision: right / judged.filter((pair) => pair.isTogether).length,
    pairRecall: right / judged.filter((pair) => pair.isSame).length,
    bCubedF: bCubed(documents, story),
    recallOfTruncated: together('trunc'),
    recallOfHeavilyRewritten: together('heavy'),
    recallOfBoilerplateStripped: together('boilerplate-copy(stripped)'),
    mergedOfTemplates: together('neg:template'),
    mergedOfBulletins: together('neg:natural-template'),
    mergedOfBoilerplate: together('neg:boilerplate'),
    mergedOfRoundUps: together('neg:roundup'),
    mergedOfRoundUpAgainstCut: together('neg:roundup-trunc'),
  }
}

function toArticle(item: Document) {
  const publishedAt = item.published
    ? { at: item.published, precision: 'minute' as const, zone: 'Asia/Shanghai', from: 'corpus' }
    : null
  return { id: item.id, url: item.url, title: item.title, bodyText: item.text, publishedAt }
}

function count(keys: readonly string[]): (key: string) => number {
  const counts = new Map<string, number>()
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
  return (key) => counts.get(key) ?? 0
}

/** B-cubed F over the documents whose groups are known (Bagga and Baldwin 1998). */
function bCubed(documents: readonly Document[], story: ReadonlyMap<string, string>): number {
  const known = documents.filter(({ kind }) => kind !== 'natural')
  const inStory = count(known.map(({ id }) => story.get(id) ?? ''))
  const inCluster = count(known.map(({ cluster }) => cluster))
  const inBoth = count(known.map(({ id, cluster }) => `${story.get(id)} ${cluster}`))
  let precision = 0
  let recall = 0
  for (const { id, cluster } of known) {
    const both = inBoth(`${story.get(id)} ${cluster}`)
    precision += both / inStory(story.get(id) ?? '') / known.length
    recall += both / inCluster(cluster) / known.length
  }
  return (2 * precision * recall) / (precision + recall)
}
