import { Element } from 'domhandler'
import { isCreditLine, isMetaLine, opensOtherContent } from './body/boilerplate.ts'
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

/**
 * Whether a folded title may begin as the text does, as far as the first letter tells: folding keeps ideographs and only
 * changes the case of plain Latin letters. Most lines of a page need not be folded then.
 */
function mayOpen(foldedTitle: string, text: string): boolean {
  const first = text.charAt(0)
  if (/[\u4e00-\u9fff]/.test(first)) return foldedTitle.startsWith(first)
  return !/^[A-Za-z][\w ]/.test(text) || foldedTitle.startsWith(first.toLowerCase())
}

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
  if (parts.length < 2) return
  const longest = Math.max(...parts.map((part) => fold(part).length))
  const lengthShare = (part: string) => Math.min(1, fold(part).length / longest)
  // A name of a site at the front is shorter than the headline behind it.
  for (const [i, part] of parts.entries())
    ballot.add(part, (i === 0 ? 1.2 : 0.4) + 0.9 * (lengthShare(part) - 0.5), 'title:part')
  for (let length = 2; length < parts.length; length++) {
    const last = parts[length - 1] ?? ''
    const end = title.indexOf(last, title.indexOf(parts[length - 2] ?? '')) + last.length
    ballot.add(title.slice(0, end).trim(), 1.1, 'title:head')
  }
}

function addLines(ballot: Ballot, lines: readonly Line[], bodyFrom: number, documentTitle: string): void {
  const foldedTitle = fold(documentTitle)
  for (const line of lines) {
    if (line.index > bodyFrom + 3 && line.heading !== 1) continue
    if (line.text.length > 200 || line.hidden) continue
    // Most lines above a text are the site's menu.
    const isLink = line.heading === 0 && line.linkWeight > line.weight * 0.9
    if (isLink && !documentTitle.includes(line.text.slice(0, 3))) continue
    const before = line.index <= bodyFrom || (line.heading === 1 && line.index <= bodyFrom + 4) ? 1 : 0.4
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
    if ((key.length >= 4 || (line.heading > 0 && key.length >= 2)) && foldedTitle.startsWith(key)) {
      ballot.add(line.text, (1.5 + Math.min(key.length, 20) / 20) * before * linked, 'line', line.index)
    } else if (key.length >= 6 && foldedTitle.includes(key)) {
      ballot.add(line.text, 0.8 * before * linked, 'line', line.index)
    }
  }
}

const titleNames =
  /(?:^|[-_\s])(?:title|tit|titles|maintitle|headline|biaoti|bt|subject|h1|zwbt|arti-?title|art-?title|news-?title|article-?title|content-?title|detail-?title|post-?title|entry-?title|main-?title)(?:$|[-_\s\d])/
const otherNames =
  /(?:^|[-_\s])(?:sub|sub-?title|site|logo|nav|menu|crumbs?|column|channel|section|list|more|related|side|top)(?:$|[-_\s])/

/** How much the markup makes a line stand out: 0 for plain text, above 1 for a headline without a heading's tag. */
export function prominenceOf(line: Line): number {
  let best = 0
  let node = line.leaves.find((leaf) => !(leaf instanceof Element))?.parent
  for (let steps = 0; node instanceof Element && steps < 5; steps++, node = node.parent) {
    const { name, attribs } = node
    const isNear = steps < 4
    if (isNear && (name === 'b' || name === 'strong')) best = Math.max(best, 0.5)
    if (name === 'font') {
      const size = Number.parseInt(attribs['size'] ?? '', 10)
      if (attribs['size']?.startsWith('+') ? size >= 1 : size >= 4) best = Math.max(best, 1)
    }
    const pixels = /font-size\s*:\s*(\d{2})(?:\.\d+)?\s*(px|pt)/i.exec(attribs['style'] ?? '')
    if (pixels && Number(pixels[1]) >= (pixels[2] === 'pt' ? 14 : 18)) best = Math.max(best, 1)
    const names = `${attribs['class'] ?? ''} ${attribs['id'] ?? ''}`.replace(/([a-z\d])([A-Z])/g, '$1-$2').toLowerCase()
    if (titleNames.test(names) && !otherNames.test(names)) best = Math.max(best, 1.4)
    else if (/\d*(?:title|biaoti|tit|bt)\d*/.test(names) && !otherNames.test(names)) best = Math.max(best, 0.6)
  }
  return best
}

/** Lines that stand out shortly before the text: the headline, when the page's head does not know it. */
function addProminent(ballot: Ballot, lines: readonly Line[], bodyFrom: number): void {
  for (const line of lines.slice(Math.max(0, bodyFrom - 14), bodyFrom + 2)) {
    const { text } = line
    if (line.hidden || line.weight < 4 || text.length > 120 || line.linkWeight > line.weight * 0.5) continue
    if (
      isMetaLine(text) ||
      isCreditLine(text) ||
      opensOtherContent(text) ||
      /[。；;]$/.test(text) ||
      /[>›»]/.test(text)
    )
      continue
    const next = lines[line.index + 1]
    const isAboveDate = next !== undefined && next.index <= bodyFrom + 1 && isMetaLine(next.text) && line.weight >= 6
    const prominence = Math.max(prominenceOf(line), 0) + (isAboveDate ? 1.2 : 0)
    if (prominence < 0.9) continue
    ballot.add(
      text,
      prominence + Math.min(line.weight, 16) / 16 + (line.index >= bodyFrom - 6 ? 0.3 : 0),
      'prominent',
      line.index,
    )
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

/** A headline broken into lines by `<br>`: joined again where the document's title knows the whole. */
function addJoined(ballot: Ballot, lines: readonly Line[], bodyFrom: number, documentTitle: string): void {
  const foldedTitle = fold(documentTitle)
  for (const first of lines.slice(0, bodyFrom + 2)) {
    if (first.weight < 2 || first.hidden || !mayOpen(foldedTitle, first.text)) continue
    if (!foldedTitle.startsWith(fold(first.text))) continue
    let text = first.text
    for (const next of lines.slice(first.index + 1, first.index + 4)) {
      const joined = `${text}${/[\w]$/.test(text) && /^\w/.test(next.text) ? ' ' : ''}${next.text}`
      if (next.block !== first.block || !foldedTitle.startsWith(fold(joined))) break
      text = joined
      ballot.add(text, 4 + fold(text).length / 100, 'lines', next.index)
    }
  }
}

const answerTo = /^(?:re|回复|回覆|答复)\s?[:：]\s?(.{4,100})$/i

/** Answers in a forum name what they answer to. */
function addAnswered(ballot: Ballot, lines: readonly Line[]): void {
  const answered = new Set(lines.flatMap((line) => answerTo.exec(line.text)?.[1] ?? []))
  if (answered.size === 0) return
  const asked = lines.find((line) => answered.has(line.text))
  if (asked) ballot.add(asked.text, 2.2, 'answers', asked.index)
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
  addProminent(ballot, lines, bodyFrom)
  addJoined(ballot, lines, bodyFrom, documentTitle)
  addAnswered(ballot, lines)
  let best: Candidate | null = null
  for (const candidate of ballot.candidates.values()) {
    if (!best || candidate.score > best.score) best = candidate
  }
  if (!best) return openingLine(lines)
  // A title that nothing on the page shows yields to the part of it that the page does show.
  const key = fold(best.text)
  for (const candidate of ballot.candidates.values()) {
    if (best.line >= 0) break
    const part = fold(candidate.text)
    const isPart = key.startsWith(part) || key.endsWith(part)
    if (candidate.line >= 0 && isPart && part.length >= 4 && candidate.score >= best.score * 0.5) best = candidate
  }
  return { title: best.text, line: best.line, witnesses: best.witnesses }
}
