import { sourceStandings, type SourceFacts, type SourceStanding } from './source-facts.ts'

/** Which sources a list shows, as its address says; what it does not know it takes for nothing said. */
export interface SourceChoice {
  readonly standing: SourceStanding | null
  readonly tag: string | null
  /** Found in the id or the name. */
  readonly words: string | null
  /** From 1. */
  readonly page: number
}

/** Rows that load at once; beyond that a list is read by searching. */
export const sourcesPerPage = 200
const longestWords = 100

function textOf(value: string | null): string | null {
  const text = value?.trim().slice(0, longestWords) ?? ''
  return text === '' ? null : text
}

export function readSourceChoice(params: URLSearchParams): SourceChoice {
  const page = Number(params.get('page') ?? 1)
  return {
    standing: sourceStandings.find((standing) => standing === params.get('state')) ?? null,
    tag: textOf(params.get('tag')),
    words: textOf(params.get('q')),
    page: Number.isInteger(page) && page > 0 && page < 100_000 ? page : 1,
  }
}

/** The one way to write a choice as an address. */
export function writeSourceChoice(path: string, { standing, tag, words, page }: SourceChoice): string {
  const params = new URLSearchParams()
  if (standing !== null) params.set('state', standing)
  if (tag !== null) params.set('tag', tag)
  if (words !== null) params.set('q', words)
  if (page > 1) params.set('page', String(page))
  return params.size === 0 ? path : `${path}?${params.toString()}`
}

/** Those that are chosen, in trouble first, then by name. The page is not looked at. */
export function chooseSources(all: readonly SourceFacts[], choice: SourceChoice): SourceFacts[] {
  const words = choice.words?.toLowerCase() ?? ''
  return all
    .filter(
      ({ standing, source }) =>
        (choice.standing === null || standing === choice.standing) &&
        (choice.tag === null || source.tags.includes(choice.tag)) &&
        `${source.id} ${source.name}`.toLowerCase().includes(words),
    )
    .toSorted(
      (a, b) =>
        sourceStandings.indexOf(a.standing) - sourceStandings.indexOf(b.standing) ||
        (a.source.name < b.source.name ? -1 : 1),
    )
}

/** How many sources stand how. */
export function countStandings(all: readonly SourceFacts[]): ReadonlyMap<SourceStanding, number> {
  const counts = new Map<SourceStanding, number>()
  for (const { standing } of all) counts.set(standing, (counts.get(standing) ?? 0) + 1)
  return counts
}
