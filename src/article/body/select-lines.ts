import { Element } from 'domhandler'
import {
  isAdvertLine,
  isCreditLine,
  isIndexLabel,
  isLegalLine,
  isMetaLine,
  isReporterLine,
  opensOtherContent,
  pointsElsewhere,
} from './boilerplate.ts'
import type { BodyChoice } from './choose-body.ts'
import type { LineScores } from './line-values.ts'
import type { Line, PageLines, Span } from './read-lines.ts'

/** A line that was left out of the body, and the rule that did it. */
export interface RemovedLine {
  readonly line: Line
  readonly rule: string
}

export interface SelectedLines {
  readonly lines: readonly Line[]
  readonly removed: readonly RemovedLine[]
}

/** A link to a file is a part of an announcement, not a way to another page. */
const fileLink = /\.(?:pdf|docx?|xlsx?|pptx?|wps|et|ofd|zip|rar|7z|txt|csv|rtf)(?:$|[?#])/i

const hasFile = (line: Line) =>
  /^附(?:件|表)/.test(line.text) ||
  line.leaves.some((leaf) => {
    for (let node = leaf.parent; node instanceof Element && node !== line.block; node = node.parent) {
      if (node.name === 'a' && fileLink.test(node.attribs['href'] ?? '')) return true
    }
    return false
  })

const isLinks = (line: Line) => line.linkWeight > line.weight * 0.6

/** A link that makes up a paragraph and is no sentence: the headline of something else. */
const isHeadline = (line: Line) =>
  line.heading === 0 &&
  line.weight >= 6 &&
  line.block instanceof Element &&
  (line.block.name === 'p' || line.block.name === 'div') &&
  !/[。.!?！？：:)）]["”’]?$/.test(line.text) &&
  !/^附(?:件|表|：|:)/.test(line.text)

const isPunctuation = (line: Line) => line.text !== '' && !/[\p{L}\p{N}]/u.test(line.text)

/** Fewer labels may be the words of a text. */
const leastLabels = 3

/** A short line with a day and a time of day that is no sentence. */
const isPostHead = (line: Line) =>
  line.text.length <= 100 &&
  /\d{4}\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}日?\s{0,2}\d{1,2}:\d{2}/.test(line.text) &&
  !/[。！？]/.test(line.text) &&
  !(line.block instanceof Element && /^t[dh]$/.test(line.block.name))

/** Elements that hold what is quoted or told, whatever the names of their styles. */
const quoting = new Set(['p', 'blockquote', 'table', 'tbody', 'thead', 'tr', 'td', 'th', 'pre'])

class Selection {
  readonly #page: PageLines
  readonly #values: readonly number[]
  readonly #hints: readonly number[]
  readonly #rules: (string | undefined)[]
  readonly #from: number
  readonly #to: number
  readonly #hint: number

  constructor(page: PageLines, { values, hints }: LineScores, choice: BodyChoice) {
    this.#page = page
    this.#values = values
    this.#hints = hints
    this.#from = choice.from
    this.#to = choice.to
    this.#rules = Array.from({ length: page.lines.length })
    // What most of the text stands in is no reason to leave a part of it out.
    let weight = 0
    let hint = 0
    for (const line of page.lines.slice(choice.from, choice.to)) {
      const value = Math.max(0, values[line.index] ?? 0)
      weight += value
      hint += value * (hints[line.index] ?? 0)
    }
    this.#hint = weight > 0 ? hint / weight : 0
  }

  #drop(from: number, to: number, rule: string): void {
    for (let i = from; i < to; i++) this.#rules[i] ??= rule
  }

  #kept(): Line[] {
    return this.#page.lines.slice(this.#from, this.#to).filter((line) => this.#rules[line.index] === undefined)
  }

  dropHidden(titleLine: number, withHidden: boolean): void {
    for (const line of this.#page.lines.slice(this.#from, this.#to)) {
      if (line.index <= titleLine) this.#rules[line.index] ??= 'not below the title'
      else if (line.hidden && !withHidden) this.#rules[line.index] ??= 'hidden'
      else if (isPunctuation(line)) this.#rules[line.index] ??= 'no words'
    }
  }

  /** Boxes inside of the text: related stories, players, toolbars. */
  dropBoxes(parent: Element): void {
    for (const child of parent.children) {
      const span = child instanceof Element ? this.#page.spanOf.get(child) : undefined
      if (!span || span.to <= this.#from || span.from >= this.#to) continue
      const rule = this.#boxRule(span)
      if (rule !== null) this.#drop(span.from, span.to, rule)
      else if (span.to - span.from > 1) this.dropBoxes(span.element)
    }
  }

  #boxRule({ element, from, to }: Span): string | null {
    const lines = this.#page.lines.slice(from, to).filter((line) => this.#rules[line.index] === undefined)
    let good = 0
    let weight = 0
    let linked = 0
    let hint = -1
    for (const line of lines) {
      good += Math.max(0, this.#values[line.index] ?? 0)
      weight += line.weight
      linked += line.linkWeight
      hint = Math.max(hint, this.#hints[line.index] ?? 0)
    }
    if (weight === 0) return null
    if (lines.length > 1 && linked > weight * 0.5 && good < weight * 0.4 && !lines.some(hasFile))
      return 'a box of links'
    const isOther = hint <= -0.5 && hint < this.#hint - 0.4
    if (isOther && good < weight * 0.9 && !quoting.has(element.name)) return 'a box by its name'
    if (lines.length > 1 && lines.every((line) => (this.#values[line.index] ?? 0) <= 0)) {
      if (lines.some((line) => opensOtherContent(line.text))) return 'other content by its heading'
    }
    return null
  }

  /** Adverts and links to other stories between the paragraphs. */
  dropBetween(): void {
    const kept = this.#kept()
    const links = kept.filter((line) => line.weight > 0 && line.linkWeight >= line.weight * 0.95)
    // Where many lines are links, the links are what the text is made of.
    const isRare = links.length <= Math.max(2, kept.length * 0.2)
    for (const line of kept) {
      if (isAdvertLine(line.text)) this.#rules[line.index] = 'an advert'
      else if (isLinks(line) && pointsElsewhere(line.text) && !hasFile(line))
        this.#rules[line.index] = 'a link to another story'
      else if (isRare && links.includes(line) && isHeadline(line) && !hasFile(line))
        this.#rules[line.index] = 'a link to another story'
    }
  }

  /** What stands before the first and after the last running text, as long as it is about the article and not of it. */
  dropEnds(): void {
    this.#dropParticulars()
    const kept = this.#kept()
    // Short lines above the line of date and source are the headline once more, its author, the name of the site.
    const opening = kept.filter((line) => line.text !== '').slice(0, 6)
    const dated = opening.findIndex((line) => isMetaLine(line.text))
    if (dated > 0 && opening.slice(0, dated).every((line) => line.weight < 40 && !/[。！？；]/.test(line.text))) {
      this.#drop(this.#from, opening[dated]?.index ?? this.#from, 'above the date')
    }
    for (const line of this.#kept()) {
      if (line.text === '') continue
      const rule = this.#headRule(line)
      if (rule === null) break
      this.#rules[line.index] = rule
    }
    this.#dropPosts()
    let tail = this.#kept()
    const marker = tail.find((line) => this.#opensTail(line, tail))
    if (marker) this.#drop(marker.index, this.#to, 'below other content')
    tail = this.#kept()
    for (const line of tail.toReversed()) {
      if (line.text === '') continue
      const rule = this.#tailRule(line)
      if (rule === null) break
      this.#rules[line.index] = rule
    }
  }

  /** The table of particulars above a document of a public office, label by label. */
  #dropParticulars(): void {
    const kept = this.#kept().filter((line) => line.text !== '')
    const text = kept.findIndex((line) => line.weight > 60 || /。/.test(line.text))
    const head = kept.slice(0, text < 0 ? 0 : text)
    if (head.filter((line) => isIndexLabel(line.text)).length < leastLabels) return
    const last = head.findLastIndex((line) => isIndexLabel(line.text))
    const value = head[last]?.text.length ?? 0
    // A label alone in its cell has its value in the next one.
    const end = value <= 6 && last + 1 < head.length ? last + 1 : last
    this.#drop(this.#from, (head[end]?.index ?? this.#from) + 1, 'particulars')
  }

  /** Answers in a forum, comments below an entry: each has a line of who and when, alike but for names and numbers. */
  #dropPosts(): void {
    const heads = this.#page.lines.slice(this.#from, this.#to).filter((line) => isPostHead(line))
    const byKind = new Map<string, Line[]>()
    for (const line of heads) {
      const kind = line.text.slice(0, 3).replace(/\d/g, '')
      byKind.set(kind, [...(byKind.get(kind) ?? []), line])
    }
    for (const lines of byKind.values()) {
      if (lines.length < 3) continue
      const goodBefore = (index: number) =>
        this.#kept().reduce(
          (sum, line) => sum + (line.index < index ? Math.max(0, this.#values[line.index] ?? 0) : 0),
          0,
        )
      const first = lines.find((line) => goodBefore(line.index) > 40)
      if (first) this.#drop(first.index, this.#to, 'answers and comments')
    }
  }

  #headRule(line: Line): string | null {
    if (isMetaLine(line.text)) return 'date and source'
    if (isCreditLine(line.text) || isLegalLine(line.text) || isReporterLine(line.text)) return 'credit line'
    if (/^(?:https?:\/\/)?[\w-]+(?:\.[\w-]+){1,3}\/?$/.test(line.text)) return 'the name of the site'
    if (isLinks(line) && line.weight < 60 && !hasFile(line)) return 'links before the text'
    return null
  }

  /** A heading of other content below which there is next to nothing of the text. */
  #opensTail(line: Line, kept: readonly Line[]): boolean {
    if (!opensOtherContent(line.text) && !(isLegalLine(line.text) && line.text.length < 120)) return false
    const sum = (lines: readonly Line[]) =>
      lines.reduce((all, { index }) => all + Math.max(0, this.#values[index] ?? 0), 0)
    return sum(kept.filter(({ index }) => index > line.index)) < sum(kept) * 0.15
  }

  #tailRule(line: Line): string | null {
    // The day below a signature is the last line of a notice.
    if (/^(?:\d{4}|[一二][〇○零一二三四五六七八九]{3})\s?年.{1,4}月.{1,4}日$/.test(line.text)) return null
    if (isCreditLine(line.text) || isMetaLine(line.text)) return 'credit line'
    if (isLegalLine(line.text)) return 'legal line'
    if (opensOtherContent(line.text)) return 'other content by its heading'
    if (isLinks(line) && line.weight < 60 && !hasFile(line)) return 'links after the text'
    if ((this.#hints[line.index] ?? 0) < this.#hint - 0.4 && !((this.#values[line.index] ?? 0) > 30))
      return 'a box by its name'
    return null
  }

  result(): SelectedLines {
    const removed = this.#page.lines.slice(this.#from, this.#to).flatMap((line) => {
      const rule = this.#rules[line.index]
      return rule === undefined ? [] : [{ line, rule }]
    })
    return { lines: this.#kept(), removed }
  }
}

/**
 * The lines of the body: those of the chosen element without what is about the article and not of it.
 * `byRule`: a person named the element, so that boxes in it and hidden lines are what was asked for.
 */
export function selectLines(
  page: PageLines,
  scores: LineScores,
  choice: BodyChoice,
  titleLine: number,
  { byRule = false }: { readonly byRule?: boolean } = {},
): SelectedLines {
  const selection = new Selection(page, scores, choice)
  selection.dropHidden(titleLine, byRule)
  if (choice.span && !byRule) selection.dropBoxes(choice.span.element)
  if (!byRule) selection.dropBetween()
  selection.dropEnds()
  return selection.result()
}
