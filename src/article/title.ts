import type { Line } from './body/read-lines.ts'
import type { LinkedArticle } from './json-ld.ts'
import type { MetaTags } from './meta-tags.ts'

export interface TitleReading {
  readonly title: string | null
  /** The line of the page that shows the title; -1 when none does. */
  readonly line: number
  /** Who said so: `title`, `h1`, `meta:og:title`, … */
  readonly witnesses: readonly string[]
}

const fold = (text: string) =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '')

interface Candidate {
  text: string
  score: number
  line: number
  readonly witnesses: string[]
}

class Ballot {
  readonly candidates = new Map<string, Candidate>()

  add(text: string | null | undefined, score: number, witness: string, line = -1): void {
    const key = text ? fold(text) : ''
    if (!text || key.length < 2) return
    const known = this.candidates.get(key)
    if (!known) {
      this.candidates.set(key, { text, score, line, witnesses: [witness] })
      return
    }
    if (known.witnesses.includes(witness)) return
    known.score += score
    known.witnesses.push(witness)
    // What the page shows is spelt as its publisher wants it.
    if (line >= 0 && known.line < 0) {
      known.text = text
      known.line = line
    }
  }
}

const separator = /\s*(?:[_|｜»«]|--+|——?|::)\s*|\s+[-–·:]\s+|(?<=[\u4e00-\u9fff”》）)！？])\s*[-–]\s*(?=[\p{L}])/u

/** The document's title and what is left of it without the names of site and channel. */
function addDocumentTitle(ballot: Ballot, title: string | null): void {
  if (!title) return
  ballot.add(title, 1, 'title')
  const parts = title.split(separator).filter((part) => fold(part) !== '')
  for (let length = 1; length < parts.length; length++) {
    const last = parts[length - 1] ?? ''
    const end = title.indexOf(last, title.indexOf(parts[length - 2] ?? '')) + last.length
    ballot.add(title.slice(0, end).trim(), length === 1 ? 1.6 : 1.2, 'title:head')
  }
  for (const part of parts.slice(1)) ballot.add(part, 0.4, 'title:part')
}

function addLines(ballot: Ballot, lines: readonly Line[], bodyFrom: number, documentTitle: string): void {
  const foldedTitle = fold(documentTitle)
  for (const line of lines) {
    if (line.index > bodyFrom + 3 && line.heading !== 1) continue
    if (line.text.length > 200 || line.hidden) continue
    const before = line.index <= bodyFrom ? 1 : 0.4
    const key = fold(line.text)
    if (key.length < 2) continue
    const linked = line.linkWeight > line.weight * 0.5 ? 0.3 : 1
    if (line.heading > 0)
      ballot.add(
        line.text,
        (line.heading === 1 ? 2.2 : line.heading === 2 ? 1.2 : 0.7) * before * linked,
        `h${line.heading}`,
        line.index,
      )
    // The line that opens the document's title is the headline; the longer, the surer.
    if (key.length >= 4 && foldedTitle.startsWith(key)) {
      ballot.add(line.text, (1.5 + Math.min(key.length, 20) / 20) * before * linked, 'line', line.index)
    } else if (key.length >= 6 && foldedTitle.includes(key)) {
      ballot.add(line.text, 0.8 * before * linked, 'line', line.index)
    }
  }
}

/** A text without any witness of its title: its first line, when it stands alone and is no sentence. */
function openingLine(lines: readonly Line[]): TitleReading {
  const first = lines.find((line) => line.text !== '' && !line.hidden)
  const isHeadline =
    first && lines.length > 1 && first.weight >= 4 && first.weight <= 80 && !/[。；;.：:]$/.test(first.text)
  return isHeadline
    ? { title: first.text, line: first.index, witnesses: ['first line'] }
    : { title: null, line: -1, witnesses: [] }
}

/** The headline on which the page's witnesses agree best. */
export function readTitle(
  lines: readonly Line[],
  bodyFrom: number,
  meta: MetaTags,
  linked: LinkedArticle | null,
): TitleReading {
  const ballot = new Ballot()
  const documentTitle = meta.title ?? meta.values.get('og:title') ?? ''
  addDocumentTitle(ballot, meta.title)
  for (const name of ['articletitle', 'article:title', 'dc.title', 'dcterms.title'])
    ballot.add(meta.values.get(name), 3, `meta:${name}`)
  for (const name of ['og:title', 'twitter:title', 'headline', 'title']) {
    const value = meta.values.get(name)
    ballot.add(value, 1.5, `meta:${name}`)
    const head = value?.split(separator)[0]
    if (head !== value) ballot.add(head, 0.8, `meta:${name}:head`)
  }
  ballot.add(linked?.headline, 2, 'json-ld:headline')
  addLines(ballot, lines, bodyFrom, documentTitle)
  let best: Candidate | null = null
  for (const candidate of ballot.candidates.values()) {
    if (!best || candidate.score > best.score) best = candidate
  }
  if (!best) return openingLine(lines)
  return { title: best.text, line: best.line, witnesses: best.witnesses }
}
