import { createHash } from 'node:crypto'
import { characterKinds, foldCharacters, kindOf } from '../model/fold-text.ts'

export { characterKinds, foldCharacters, kindOf } from '../model/fold-text.ts'

const utf16 = new TextDecoder('utf-16le')

/** The folded text without spaces, punctuation and symbols: what is equal in two copies that differ in spelling alone. Not for reading. */
export function normalizeText(text: string): string {
  return utf16.decode(contentCodes(foldCharacters(text)))
}

/** The same for two texts that differ in nothing but what `normalizeText` drops. 32 hex digits; `null` when nothing is left of the text. */
export function exactKey(text: string): string | null {
  const codes = contentCodes(foldCharacters(text))
  if (codes.length === 0) return null
  const bytes = new Uint8Array(codes.buffer, codes.byteOffset, codes.byteLength)
  return createHash('sha256').update(bytes).digest('hex').slice(0, 32)
}

function contentCodes(folded: string): Uint16Array {
  const codes = new Uint16Array(folded.length)
  let length = 0
  for (let i = 0; i < folded.length; i++) {
    const code = folded.charCodeAt(i)
    if (kindOf(code) !== characterKinds.other) codes[length++] = code
  }
  return codes.subarray(0, length)
}
