import { diffArrays } from 'diff'

/** A run of words that both texts have, or only one of them. */
export interface DiffPart {
  readonly kind: 'same' | 'added' | 'removed'
  readonly text: string
}

/** Beyond this the words of a text are compared by paragraph only: the time grows with the square of the difference. */
const maxWords = 40_000
/** A comparison that takes longer shows the texts as a whole: they have little in common. */
const timeoutMs = 2000

const segmenters = new Map<string, Intl.Segmenter>()

function words(text: string, language: string): string[] {
  let segmenter = segmenters.get(language)
  if (!segmenter) {
    segmenter = new Intl.Segmenter(language, { granularity: 'word' })
    segmenters.set(language, segmenter)
  }
  return Array.from(segmenter.segment(text), ({ segment }) => segment)
}

/**
 * What changed from one text to another, word by word, in Chinese too.
 * @param language BCP 47; how words are told apart
 * @returns parts in the order of the texts; joined without the added ones they are `before`, without the removed ones `after`
 */
export function diffTexts(before: string, after: string, language = 'zh'): DiffPart[] {
  const isLong = before.length + after.length > maxWords
  const split = (text: string) => (isLong ? text.split(/(?<=\n)/) : words(text, language))
  const changes = diffArrays(split(before), split(after), { timeout: timeoutMs })
  if (!changes) {
    return [
      { kind: 'removed', text: before },
      { kind: 'added', text: after },
    ]
  }
  return changes.map(({ value, added, removed }) => ({
    kind: added ? 'added' : removed ? 'removed' : 'same',
    text: value.join(''),
  }))
}
