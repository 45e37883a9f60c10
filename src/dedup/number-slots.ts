import { characterKinds, kindOf } from './normalize-text.ts'
import { mix } from './shingles.ts'

/** Numbers of a text with the words around them: `context` is equal where two texts say the same sentence, `value` where they say the same number. */
export interface NumberSlot {
  readonly context: number
  readonly value: number
}

/** Characters of words before and after a number that make its context. */
const before = 4
const after = 2
/** Dates of datelines and reporters' filing lines say when a copy was made, not what it says. */
const filing = /^日?(?:上午|下午|晚)?(?:专?电|讯)/

const numberPattern =
  /\d[\d,]*(?:\.\d+)?|第[〇零一二三四五六七八九十百千两]+|[〇零一二三四五六七八九十百千万亿两]{2,}|[一二三四五六七八九十](?=[月日号时点届期])|\b(?:january|february|march|april|june|july|august|september|october|november|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b/g

/** Numbers, dates and ordinals of folded text, in order. @param salt keeps slots of titles apart from slots of bodies */
export function numberSlots(text: string, salt: number): NumberSlot[] {
  const slots: NumberSlot[] = []
  for (const match of text.matchAll(numberPattern)) {
    const end = match.index + match[0].length
    if (filing.test(text.slice(end, end + 6))) continue
    slots.push({ context: contextOf(text, match.index, end, salt), value: hashText(match[0].replaceAll(',', '')) })
  }
  return slots
}

function contextOf(text: string, start: number, end: number, salt: number): number {
  let hash = 0x811c9dc5 ^ salt
  let found = 0
  for (let i = start - 1; i >= 0 && found < before && start - i < 24; i--) {
    const code = text.charCodeAt(i)
    if (code === 10) break
    const kind = kindOf(code)
    if (kind === characterKinds.ideograph || kind === characterKinds.letter) {
      hash = Math.imul(hash ^ code, 0x01000193)
      found++
    }
  }
  hash = Math.imul(hash ^ 0x23, 0x01000193)
  found = 0
  for (let i = end; i < text.length && found < after && i - end < 12; i++) {
    const code = text.charCodeAt(i)
    if (code === 10) break
    const kind = kindOf(code)
    if (kind === characterKinds.ideograph || kind === characterKinds.letter) {
      hash = Math.imul(hash ^ code, 0x01000193)
      found++
    }
  }
  return mix(hash)
}

function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return mix(hash)
}
