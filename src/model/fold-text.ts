import { Converter } from 'opencc-js/t2cn'

/** What a folded character is to comparison and search. */
export const characterKinds = { other: 0, digit: 1, letter: 2, ideograph: 3 } as const

/** Marks that differ by script, font or width and mean the same. */
const sameMarks = new Map([
  ['。', '.'],
  ['【', '['],
  ['〔', '['],
  ['［', '['],
  ['】', ']'],
  ['〕', ']'],
  ['］', ']'],
  ['\u3000', ' '],
  ['\u00a0', ' '],
  ['—', '-'],
  ['–', '-'],
  ['―', '-'],
  ['\u2028', '\n'],
  ['\u2029', '\n'],
  ['\r', '\n'],
])

/** Blocks whose characters are words of their own and fold to themselves but for their script: there is nothing to look up for them. */
const hanBlocks = [
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
] as const
const hangul = [0xac00, 0xd7a3] as const
const surrogates = [0xd800, 0xdfff] as const

const utf16 = new TextDecoder('utf-16le')
const { plain: plainTable, kinds: kindTable } = buildTables()

/**
 * The text with width, case, accents and traditional or simplified script folded, one UTF-16 code for one, punctuation and breaks kept.
 * Characters are folded one by one, so regional wording (`訊息` for `消息`) stays a difference.
 */
export function foldCharacters(text: string): string {
  const codes = new Uint16Array(text.length)
  for (let i = 0; i < text.length; i++) codes[i] = plainTable[text.charCodeAt(i)] ?? 0
  return utf16.decode(codes)
}

/** What a code of a folded text is: a digit, a letter of a word, a character that is a word of its own, or none of these. */
export function kindOf(code: number): number {
  return kindTable[code] ?? characterKinds.other
}

function buildTables(): { plain: Uint16Array; kinds: Uint8Array } {
  const plain = Uint16Array.from({ length: 0x10000 }, (_, code) => code)
  const kinds = new Uint8Array(0x10000)
  // Halves of characters beyond the first plane stay as they are: rare characters of names.
  for (const [first, last] of [...hanBlocks, hangul, surrogates]) kinds.fill(characterKinds.ideograph, first, last + 1)
  for (let code = 1; code < plain.length; code++) {
    if (kinds[code] !== 0) continue
    plain[code] = foldCharacter(String.fromCharCode(code)).charCodeAt(0)
    kinds[code] = kindOfCharacter(String.fromCharCode(code))
  }
  const toSimplified = Converter({ from: 't', to: 'cn' })
  for (const [first, last] of hanBlocks) {
    const characters = Array.from({ length: last - first + 1 }, (_, at) => String.fromCharCode(first + at))
    // One a line, so that no two are taken for a word.
    for (const [at, simple] of toSimplified(characters.join('\n')).split('\n').entries()) {
      // A few map to a character beyond the first plane, which one code cannot hold.
      if (simple.length === 1) plain[first + at] = simple.charCodeAt(0)
    }
  }
  return { plain, kinds }
}

function foldCharacter(character: string): string {
  const mark = sameMarks.get(character)
  if (mark !== undefined) return mark
  const decomposed = character.normalize('NFKD')
  const isOne = decomposed.length === 1 || /^.\p{M}*$/u.test(decomposed)
  return (isOne ? decomposed : character).charAt(0).toLowerCase().charAt(0)
}

function kindOfCharacter(character: string): number {
  if (/^\d$/.test(character)) return characterKinds.digit
  if (!/^[\p{L}\p{N}]$/u.test(character)) return characterKinds.other
  return /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]$/u.test(character)
    ? characterKinds.ideograph
    : characterKinds.letter
}
