import type { Line } from '../body/read-lines.ts'
import type { LinkedArticle } from '../json-ld.ts'
import type { MetaTags } from '../meta-tags.ts'

const names = ['description', 'og:description', 'twitter:description', 'abstract', 'dc.description', 'summary']
/** As long as the leads of news agencies are; a reader shows no more. */
const longest = 400

const fold = (text: string) => text.normalize('NFKC').replace(/[^\p{L}\p{N}]+/gu, '')

/** A description that speaks of the text at all speaks of its beginning: mostly of the very first paragraphs. */
const searched = [1200, 6000] as const

/** Whether a description speaks of this text and not of the site: they have a phrase in common. */
function speaksOf(description: string, text: string): boolean {
  const phrase = 7
  for (let i = 0; i + phrase <= description.length; i += 3)
    if (text.includes(description.slice(i, i + phrase))) return true
  return false
}

/** The publisher's own summary where it speaks of this article, else the lead paragraph. */
export function readSummary(
  title: string | null,
  body: readonly Line[],
  meta: MetaTags,
  linked: LinkedArticle | null,
): string | null {
  const texts = body.map((line) => line.text)
  const foldedTitle = fold(title ?? '')
  const opening = texts.join('').slice(0, searched[1])
  for (const candidate of [...names.map((name) => meta.values.get(name)), linked?.description]) {
    if (!candidate) continue
    const description = fold(candidate)
    if (description === foldedTitle || description.length < 12) continue
    if (searched.some((length) => speaksOf(description, fold(`${title ?? ''}${opening.slice(0, length)}`))))
      return candidate.slice(0, longest)
  }
  const lead = texts.find((text) => text.length >= 20) ?? texts.find((text) => text !== '')
  return lead === undefined ? null : lead.slice(0, longest)
}
