import { searchTextOf } from '../src/search/search-text.ts'

/** Numbers from 0 to 1, the same ones in each run (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

interface PlantedWord {
  readonly word: string
  /** Of the stories that may have it. */
  readonly share: number
  /** Only the oldest stories have it, this share of all. */
  readonly until?: number
}

/** Words whose share of stories is known, so that queries can be asked at each of them. */
export const plantedWords: readonly PlantedWord[] = [
  { word: '通知', share: 0.5 },
  { word: '中国', share: 0.4 },
  { word: '国家', share: 0.4 },
  { word: '家中', share: 0.3 },
  { word: '跨境电商', share: 0.1 },
  { word: '招聘', share: 0.05 },
  { word: '人工智能', share: 0.02 },
  { word: '碳排放权', share: 0.005 },
  { word: '量子通信', share: 0.0005 },
  { word: '鑫', share: 0.003 },
  { word: 'the', share: 0.3 },
  { word: 'of', share: 0.3 },
  { word: 'of the', share: 0.0001 },
  // Its pairs are in four of ten stories each.
  { word: '中国家', share: 0.000_02 },
  // What everyone wrote of, and nobody does any more.
  { word: '防疫', share: 0.2, until: 0.3 },
]

/** Words of two to four ideographs and some Latin ones; the first are frequent, as in any language. */
export function vocabulary(random: () => number): string[] {
  // The block's first three thousand are not the commonest ideographs, but as many as texts use.
  const ideograph = () => String.fromCharCode(0x4e00 + Math.floor(random() ** 2 * 3000))
  return Array.from({ length: 6000 }, (_, index) => {
    if (index % 40 === 0) return `term${index}`
    return Array.from({ length: 2 + Math.floor(random() * 3) }, ideograph).join('')
  })
}

/** A part of a text between two marks, with what the index makes of it: parts are put together far faster than made. */
interface Part {
  readonly text: string
  readonly normal: string
  readonly lexemes: readonly string[]
  readonly sequences: readonly number[]
}

function partOf(text: string): Part {
  const made = searchTextOf('', text)
  return { text, normal: made.text.slice(1), lexemes: made.lexemes, sequences: made.sequences ?? [] }
}

export interface GeneratedStory {
  readonly title: string
  readonly bodyText: string
  readonly normalTitle: string
  readonly normal: string
  readonly lexemes: ReadonlySet<string>
  readonly sequences: ReadonlySet<number>
}

const paragraphs = 6
const partCount = 30_000

/** Makes the stories of an archive of `count`, the oldest first. */
export function storyGenerator(count: number): (number: number) => GeneratedStory {
  const random = seededRandom(20_191_031)
  const words = vocabulary(random)
  const sentence = (length: number) =>
    Array.from({ length }, () => words[Math.floor(random() ** 3 * words.length)] ?? '').join('')
  const parts = Array.from({ length: partCount }, () => partOf(sentence(10 + Math.floor(random() * 3))))
  const planted = plantedWords.map((plant) => ({ ...plant, part: partOf(plant.word) }))
  const anyPart = (): Part => parts[Math.floor(random() * parts.length)] ?? partOf('')

  return (number) => {
    const here = planted.filter(({ share, until }) => random() < share && number < (until ?? 1) * count)
    const title = `关于${sentence(4)}的${random() < 0.3 ? (here[0]?.word ?? '公告') : '公告'}`
    const made = searchTextOf(title, '')
    const lexemes = new Set(made.lexemes)
    const sequences = new Set(made.sequences)
    let bodyText = ''
    let normal = made.text
    const add = (part: Part, mark: string, normalMark: string): void => {
      bodyText += part.text + mark
      normal += part.normal + normalMark
      for (const lexeme of part.lexemes) lexemes.add(lexeme)
      for (const sequence of part.sequences) sequences.add(sequence)
    }
    for (let paragraph = 0; paragraph < paragraphs; paragraph++) {
      add(anyPart(), '，', ',')
      add(anyPart(), '。\n', '.\n')
    }
    for (const { part } of here) add(part, '、', '、')
    add(anyPart(), '。', '.')
    return { title, bodyText, normalTitle: made.title, normal, lexemes, sequences }
  }
}
