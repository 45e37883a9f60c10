import { characterKinds, kindOf } from './normalize-text.ts'
import { mix } from './shingles.ts'

/**
 * A detail of a text and where it stands: `context` is equal where two texts say the same sentence around it, `value` where they say
 * the same number, date or name. Bulletins of one template have equal contexts and other values; copies have equal values.
 */
export interface Detail {
  readonly context: number
  readonly value: number
}

/** Details as they are kept: 32 bits of each context, 16 of each value, sorted by context. */
export interface DetailList {
  readonly contexts: Uint32Array
  readonly values: Uint16Array
}

/** The details with the lowest contexts, which are the same contexts of any two texts; a context comes with all its values or not at all. */
export function detailList(details: readonly Detail[], most: number): DetailList {
  const sorted = details.toSorted((a, b) => a.context - b.context)
  const next = sorted[most]
  const kept = sorted.slice(0, most).filter(({ context }) => context !== next?.context)
  return {
    contexts: Uint32Array.from(kept, ({ context }) => context),
    values: Uint16Array.from(kept, ({ value }) => value),
  }
}

/** How much of the words before and after a detail make its context, in characters of Chinese; a word of English counts two. */
const before = 4
const after = 2
/** Dates of datelines say when a copy was filed, not what it says. */
const filing = /^日?(?:上午|下午|晚)?(?:专?电|讯)/

const numberPattern =
  /\d[\d,]*(?:\.\d+)?|第[〇零一二三四五六七八九十百千两]+|[〇零一二三四五六七八九十百千万亿两]{2,}|[一二三四五六七八九十](?=[月日号时点届期])|\b(?:january|february|march|april|june|july|august|september|october|november|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b/g

/** Words before which a name stands: administrative places, titles of respect, companies. The two characters before them are the name's end. */
const namePattern = /[省市县区镇乡州](?!场|长)|同志|先生|女士|公司|集团|银行|大学|医院|法院|队(?!伍|员|友)/g
const nameLength = 2
/** Names tell short texts apart, and stand at their beginning. */
const namesWithin = 600

/** Numbers, dates and ordinals of folded text, in order. */
export function numbersOf(text: string): Detail[] {
  const details: Detail[] = []
  for (const match of text.matchAll(numberPattern)) {
    const end = match.index + match[0].length
    if (filing.test(text.slice(end, end + 6))) continue
    const context = contextOf(text, match.index, end)
    if (context !== null) details.push({ context, value: hashOf(match[0].replaceAll(',', '')) })
  }
  return details
}

/** Names of places, people and organisations in folded Chinese text, by what commonly follows a name, in order. */
export function namesOf(text: string): Detail[] {
  const details: Detail[] = []
  for (const match of text.slice(0, namesWithin).matchAll(namePattern)) {
    const start = match.index - nameLength
    if (!isIdeographic(text, start - nameLength, match.index)) continue
    const context = contextOf(text, start, match.index)
    if (context !== null) details.push({ context, value: hashOf(text.slice(start, match.index)) })
  }
  return details
}

function isIdeographic(text: string, start: number, end: number): boolean {
  if (start < 0) return false
  for (let i = start; i < end; i++) if (kindOf(text.charCodeAt(i)) !== characterKinds.ideograph) return false
  return true
}

/** `null` where too little stands around the detail to know the sentence again. */
function contextOf(text: string, start: number, end: number): number | null {
  const left = neighbours(text, start - 1, -1, before)
  // At the beginning of a sentence what follows has to be enough.
  const isFirst = left.weight < 2
  const right = neighbours(text, end, 1, isFirst ? before + 2 : after)
  if (isFirst && right.weight < before) return null
  return mix(Math.imul(left.hash ^ 0x23, 0x01000193) ^ right.hash)
}

/** The words next to a place, within its sentence, digits aside. */
function neighbours(text: string, from: number, step: 1 | -1, enough: number): { hash: number; weight: number } {
  let hash = 0x811c9dc5
  let weight = 0
  let inWord = false
  for (let i = from; i >= 0 && i < text.length && Math.abs(i - from) < 40; i += step) {
    const code = text.charCodeAt(i)
    const kind = kindOf(code)
    if (kind === characterKinds.letter) {
      if (!inWord && weight >= enough) break
      if (!inWord) weight += 2
    } else if (kind === characterKinds.ideograph) {
      if (weight >= enough) break
      weight++
    } else if (isSentenceEnd(text, i, code)) break
    inWord = kind === characterKinds.letter
    if (inWord || kind === characterKinds.ideograph) hash = Math.imul(hash ^ code, 0x01000193)
  }
  return { hash, weight }
}

function isSentenceEnd(text: string, index: number, code: number): boolean {
  if (code === 10 || code === 33 || code === 59 || code === 63) return true
  return (
    code === 46 &&
    !(
      kindOf(text.charCodeAt(index - 1)) === characterKinds.digit &&
      kindOf(text.charCodeAt(index + 1)) === characterKinds.digit
    )
  )
}

function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return mix(hash) >>> 16
}

/** How the details of two texts agree where they stand in the same surroundings. */
export function compareDetails(a: DetailList, b: DetailList): { equal: number; other: number } {
  let equal = 0
  let other = 0
  let inA = 0
  let inB = 0
  while (inA < a.contexts.length && inB < b.contexts.length) {
    const contextA = a.contexts[inA] ?? 0
    const contextB = b.contexts[inB] ?? 0
    const endA = endOfContext(a.contexts, inA)
    const endB = endOfContext(b.contexts, inB)
    if (contextA === contextB) {
      const same = countSame(a.values.subarray(inA, endA), b.values.subarray(inB, endB))
      equal += same
      // Where one text has more of them, a sentence was dropped, and who knows which value belongs to which.
      if (endA - inA === endB - inB) other += endA - inA - same
    }
    if (contextA <= contextB) inA = endA
    if (contextB <= contextA) inB = endB
  }
  return { equal, other }
}

function endOfContext(contexts: Uint32Array, from: number): number {
  let end = from + 1
  while (end < contexts.length && contexts[end] === contexts[from]) end++
  return end
}

function countSame(values: Uint16Array, others: Uint16Array): number {
  const left = [...others]
  let same = 0
  for (const value of values) {
    const at = left.indexOf(value)
    if (at < 0) continue
    left.splice(at, 1)
    same++
  }
  return same
}

/** Share of the different values of the text with fewer of them that the other has too; 1 when there are none. */
export function sharedValues(a: DetailList, b: DetailList): number {
  const ofA = new Set(a.values)
  const ofB = new Set(b.values)
  const [few, many] = ofA.size <= ofB.size ? [ofA, ofB] : [ofB, ofA]
  if (few.size === 0) return 1
  let both = 0
  for (const value of few) if (many.has(value)) both++
  return both / few.size
}
