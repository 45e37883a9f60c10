import { codesOf } from './character-codes.ts'

/** Characters that only one of the two scripts has, among the most frequent of running text. */
const simplifiedOnly = codesOf('们这国来时个为说会学对发过还没么经动两关业问现开从见实进种应门长给车书该')
const traditionalOnly = codesOf('們這國來時個為說會學對發過還沒麼經動兩關業問現開從見實進種應門長給車書該')
const englishWords = /\b(?:the|of|and|to|in|that|is|for|with|on|was)\b/gi

/** Enough of a text to know its language. */
const sampleLength = 800

function countOf(codes: ReadonlySet<number>, text: string): number {
  let count = 0
  for (let i = 0; i < text.length; i++) if (codes.has(text.charCodeAt(i))) count++
  return count
}

/** How many characters there are in all of the runs. */
function lengthOf(runs: readonly string[] | null): number {
  let length = 0
  for (const run of runs ?? []) for (const _ of run) length++
  return length
}

/**
 * The language of a text as BCP 47: `zh` (simplified), `zh-Hant`, `ja`, `ko` by its script; others by what the page
 * declares, since declarations are wrong mostly on pages in Chinese that were made from an English template.
 */
export function languageOf(text: string, declared: string | null): string | null {
  const sample = text.slice(0, sampleLength)
  const letters = lengthOf(sample.match(/\p{L}+/gu))
  if (letters > 0) {
    const kana = sample.match(/[\u3040-\u30ff]/g)?.length ?? 0
    const hangul = sample.match(/[\uac00-\ud7af]/g)?.length ?? 0
    const han = lengthOf(sample.match(/\p{Script=Han}+/gu))
    if (kana > letters * 0.1) return 'ja'
    if (hangul > letters * 0.2) return 'ko'
    if (han > letters * 0.2) {
      const traditional = countOf(traditionalOnly, sample)
      const simplified = countOf(simplifiedOnly, sample)
      if (traditional === simplified) return /hant|tw|hk|mo/i.test(declared ?? '') ? 'zh-Hant' : 'zh'
      return traditional > simplified ? 'zh-Hant' : 'zh'
    }
  }
  const tag = /^\s*([a-z]{2,3})(?:[-_]([a-z]{2}|[a-z]{4}))?\b/i.exec(declared ?? '')
  const english = (sample.match(englishWords)?.length ?? 0) * 12 > sample.length / 6
  // A template says zh, the text is Latin: the declaration is of the template.
  if (tag?.[1] && !(letters > 40 && /^(?:zh|ja|ko)$/i.test(tag[1]))) {
    return tag[2]
      ? `${tag[1].toLowerCase()}-${tag[2].length === 2 ? tag[2].toUpperCase() : tag[2]}`
      : tag[1].toLowerCase()
  }
  return english ? 'en' : null
}
