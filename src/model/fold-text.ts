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
  const plain = new Uint16Array(0x10000)
  const kinds = new Uint8Array(0x10000)
  const toSimplified = Converter({ from: 't', to: 'cn' })
  for (let code = 1; code < plain.length; code++) {
    // Halves of characters beyond the first plane stay as they are: rare characters of names.
    if (code >= 0xd800 && code <= 0xdfff) plain[code] = code
    else plain[code] = foldOne(String.fromCharCode(code), toSimplified).charCodeAt(0)
  }
  for (let code = 1; code < kinds.length; code++) kinds[code] = kindOfCharacter(code)
  return { plain, kinds }
}

function foldOne(character: string, toSimplified: (text: string) => string): string {
  const mark = sameMarks.get(character)
  if (mark !== undefined) return mark
  const decomposed = character.normalize('NFKD')
  const base = /^.\p{M}*$/u.test(decomposed) ? decomposed.charAt(0) : character
  const lower = base.toLowerCase().charAt(0)
  const simple = /^\p{Script=Han}$/u.test(lower) ? toSimplified(lower) : lower
  // A few map to a character beyond the first plane, which one code cannot hold.
  return simple.length === 1 ? simple : lower
}

function kindOfCharacter(code: number): number {
  if (code >= 0xd800 && code <= 0xdfff) return characterKinds.ideograph
  const character = String.fromCharCode(code)
  if (/^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]$/u.test(character))
    return /^\p{L}|〇$/u.test(character) ? characterKinds.ideograph : characterKinds.other
  if (/^\d$/.test(character)) return characterKinds.digit
  return /^[\p{L}\p{N}]$/u.test(character) ? characterKinds.letter : characterKinds.other
}
