import { createHash } from 'node:crypto'
import { Converter } from 'opencc-js/t2cn'

/** What the fold table holds for characters that say nothing: spaces, punctuation, symbols, marks. */
const dropped = 0
const foldTable = buildFoldTable()

/**
 * The text without what differs between copies of it: width, case, spaces, punctuation, accents, traditional or simplified script.
 * Characters are folded one by one, so regional wording (`訊息` for `消息`) stays a difference. Not for reading: words run together.
 */
export function normalizeText(text: string): string {
  const codes = foldCodes(text)
  const parts: string[] = []
  // The engine's limit on arguments of one call.
  for (let i = 0; i < codes.length; i += 8192) parts.push(String.fromCharCode(...codes.subarray(i, i + 8192)))
  return parts.join('')
}

/** UTF-16 codes of `normalizeText`, for callers that hash them. */
export function foldCodes(text: string): Uint16Array {
  const codes = new Uint16Array(text.length)
  let length = 0
  for (let i = 0; i < text.length; i++) {
    const code = foldTable[text.charCodeAt(i)] ?? dropped
    if (code !== dropped) codes[length++] = code
  }
  return codes.subarray(0, length)
}

/** The folded code of one UTF-16 code; 0 for what is dropped. */
export function foldCode(code: number): number {
  return foldTable[code] ?? dropped
}

/** The same for two texts that differ in nothing but what `normalizeText` drops. 32 hex digits; `null` when nothing is left of the text. */
export function exactKey(text: string): string | null {
  const codes = foldCodes(text)
  if (codes.length === 0) return null
  const bytes = new Uint8Array(codes.buffer, codes.byteOffset, codes.byteLength)
  return createHash('sha256').update(bytes).digest('hex').slice(0, 32)
}

function buildFoldTable(): Uint16Array {
  const table = new Uint16Array(0x10000)
  const toSimplified = Converter({ from: 't', to: 'cn' })
  const isWord = /^[\p{L}\p{N}]$/u
  const isWritingOfOneLetter = /^.\p{M}*$/u
  const isHan = /^\p{Script=Han}$/u
  for (let code = 1; code < table.length; code++) {
    // Halves of characters beyond the first plane stay as they are: rare characters of names.
    if (code >= 0xd800 && code <= 0xdfff) table[code] = code
    else {
      const character = String.fromCharCode(code)
      const plain = character.normalize('NFKD')
      const base = isWritingOfOneLetter.test(plain) ? plain.charAt(0) : character
      const lower = base.toLowerCase().charAt(0)
      const simple = isHan.test(lower) ? toSimplified(lower) : lower
      // A few map to a character beyond the first plane, which one code cannot hold.
      const folded = simple.length === 1 ? simple : lower
      table[code] = isWord.test(folded) ? folded.charCodeAt(0) : dropped
    }
  }
  return table
}
