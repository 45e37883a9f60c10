import { isAscii, isUtf8 } from 'node:buffer'
import { decodeAs, encodingOf } from '../text/charset.ts'
import { codesOf } from './character-codes.ts'
import { dropForbidden } from './clean-text.ts'

/** Which witness decided the encoding of a page. */
export type CharsetWitness = 'bom' | 'bytes' | 'header' | 'meta' | 'xml' | 'default'

export interface DecodedPage {
  /** The page as well-formed text: no lone surrogates, NUL or control characters other than tab and line ends. */
  readonly text: string
  /** `utf-8`, `gb18030`, `big5-hkscs`, `utf-16le`, … */
  readonly encoding: string
  readonly from: CharsetWitness
}

/** A page declares its encoding in its first kilobyte by the standard; real ones come as late as the head does. */
const declarationBytes = 16_384

/** Enough for a verdict on an encoding: a page's navigation alone has a few hundred characters. */
const sampleBytes = 65_536

/**
 * The most frequent characters of running Chinese (both scripts) and the kana: one in three characters of a real text
 * is among them, one in a hundred of a text that is decoded wrongly.
 */
const frequent = codesOf(
  '的一是不了在人有我他这中大来上国个到说们为和地出也时年得就那要下以生会可发作对开行部经公新会议第市工政府日月关于通知部门企业全省局' +
    '這來國個說們為時對開發會經學長東門間電務關於區業動產員實體點現機與進過還報導從後請見無網頁資訊' +
    'のはをがにでとしたてなるれこい이다는을의에가고를',
)

/** UTF-16 without a mark: markup is ASCII, so every other byte of it is zero. */
function utf16WithoutMark(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  const length = Math.min(bytes.length, 2048) & ~1
  if (length < 16) return null
  let even = 0
  let odd = 0
  for (let i = 0; i < length; i += 2) {
    if (bytes[i] === 0) even++
    if (bytes[i + 1] === 0) odd++
  }
  const half = length / 2
  if (odd > half * 0.4 && even < half * 0.1) return 'utf-16le'
  if (even > half * 0.4 && odd < half * 0.1) return 'utf-16be'
  return null
}

interface Utf8Count {
  readonly multiByte: number
  readonly invalid: number
}

/** Counts the multi-byte characters and the bytes that are no UTF-8. A character cut by the end of the page is no error. */
function countUtf8(bytes: Uint8Array): Utf8Count {
  if (isUtf8(bytes)) return { multiByte: isAscii(bytes) ? 0 : 1, invalid: 0 }
  let multiByte = 0
  let invalid = 0
  let i = 0
  while (i < bytes.length) {
    const lead = bytes[i] ?? 0
    if (lead < 0x80) {
      i++
      continue
    }
    const length =
      lead >= 0xc2 && lead < 0xe0 ? 2 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xf0 && lead < 0xf5 ? 4 : 0
    let taken = length === 0 ? 0 : 1
    while (taken > 0 && taken < length && ((bytes[i + taken] ?? 0) & 0xc0) === 0x80) taken++
    if (length > 0 && taken === length) multiByte++
    else if (length === 0 || i + taken < bytes.length) invalid++
    i += Math.max(taken, 1)
  }
  return { multiByte, invalid }
}

function declaredIn(head: string): { meta: string | null; xml: string | null } {
  const xml = /^\s*<\?xml[^>]{0,200}?\bencoding\s*=\s*["']?([\w.:-]{2,40})/i.exec(head)
  // `http-equiv` and `charset=` alike; a script may speak of charsets too, so only tags named meta count.
  const meta = /<meta\b[^>]{0,300}?\bcharset\s*=\s*["']?\s*([\w.:-]{2,40})/i.exec(head)
  return { meta: encodingOf(meta?.[1]), xml: encodingOf(xml?.[1]) }
}

/** The bytes above ASCII with what follows them, so that a long English head does not fill the sample. */
function sampleOf(bytes: Uint8Array): Uint8Array {
  if (bytes.length <= sampleBytes) return bytes
  const first = bytes.findIndex((byte) => byte >= 0x80)
  return bytes.subarray(Math.max(first, 0), Math.max(first, 0) + sampleBytes)
}

/**
 * How much of what is not ASCII reads like text in a language written with that encoding.
 * @returns 1 for running text, near 0 for noise, negative where many bytes cannot be read at all
 */
function plausibility(sample: Uint8Array, encoding: string): number {
  const text = decodeAs(sample, encoding)
  let all = 0
  let good = 0
  let broken = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    // The second half of a pair has been counted with the first.
    if (code < 0x80 || (code >= 0xdc00 && code < 0xe000)) continue
    all++
    if (code === 0xfffd || (code >= 0xe000 && code < 0xf900) || (code >= 0x80 && code < 0xa0)) broken++
    else if (frequent.has(code)) good++
  }
  if (all === 0) return 0
  return Math.min(1, (good / all) * 3) - (broken / all) * 5
}

/** Order matters for ties: what Chinese publishers use most comes first. */
const guesses = ['gb18030', 'big5-hkscs', 'shift_jis', 'euc-jp', 'cp949']

/** A text in the encoding that it declares scores 0.6 or more, one in another well under 0.3. */
const believable = 0.2

function chooseLegacy(bytes: Uint8Array, declared: readonly (readonly [CharsetWitness, string])[]) {
  const sample = sampleOf(bytes)
  for (const [from, encoding] of declared) {
    // Latin-1 is what servers say of everything: any bytes are valid in it, so it proves nothing.
    if (encoding === 'windows-1252' || encoding === 'utf-8') continue
    // Single-byte encodings and those of few pages cannot be judged by frequent characters: the label is believed.
    if (!guesses.includes(encoding) || plausibility(sample, encoding) >= believable) return { encoding, from }
  }
  const scored = guesses.map((encoding) => ({ encoding, score: plausibility(sample, encoding) }))
  const best = scored.reduce((a, b) => (b.score > a.score ? b : a))
  if (best.score >= believable) return { encoding: best.encoding, from: 'bytes' } as const
  const first = declared[0]
  if (first) return { encoding: first[1], from: first[0] }
  return { encoding: 'windows-1252', from: 'default' } as const
}

function chooseEncoding(bytes: Uint8Array, contentType: string | null): { encoding: string; from: CharsetWitness } {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return { encoding: 'utf-8', from: 'bom' }
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return { encoding: 'utf-16le', from: 'bom' }
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return { encoding: 'utf-16be', from: 'bom' }
  const utf16 = utf16WithoutMark(bytes)
  if (utf16) return { encoding: utf16, from: 'bytes' }

  const header = encodingOf(/charset\s*=\s*["']?([^\s"';,]{1,40})/i.exec(contentType ?? '')?.[1])
  const { meta, xml } = declaredIn(
    Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, declarationBytes)).toString('latin1'),
  )
  const pairs: (readonly [CharsetWitness, string | null])[] = [
    ['header', header],
    ['xml', xml],
    ['meta', meta],
  ]
  // A label that names UTF-16 on bytes that are not is a mistake of the server's.
  const declared = pairs.flatMap(([from, encoding]) =>
    encoding === null || encoding.startsWith('utf-16') ? [] : [[from, encoding] as const],
  )

  const { multiByte, invalid } = countUtf8(bytes)
  const stated = declared.find(([, encoding]) => encoding === 'utf-8')
  if (invalid === 0 && multiByte > 0) return { encoding: 'utf-8', from: stated?.[0] ?? 'bytes' }
  if (invalid === 0) {
    const first = declared[0]
    // ISO-2022-JP and UTF-7 hide in ASCII bytes; everything else reads the same as UTF-8.
    if (first && first[1] === 'iso-2022-jp') return { encoding: first[1], from: first[0] }
    return { encoding: 'utf-8', from: stated?.[0] ?? 'default' }
  }
  // A few broken characters (a summary cut by bytes) do not make a page anything but UTF-8.
  if (multiByte > invalid * (stated ? 2 : 20)) return { encoding: 'utf-8', from: stated?.[0] ?? 'bytes' }
  return chooseLegacy(bytes, declared)
}

/**
 * A page's bytes as text. Strictly valid multi-byte UTF-8 beats any label; labels are believed when the bytes bear them
 * out; `gb2312` and `gbk` are read as GB18030 and `big5` with the Hong Kong characters, as the WHATWG Encoding
 * Standard asks; a Latin-1 label never wins over evidence.
 */
export function decodePage(page: { readonly body: Uint8Array; readonly contentType?: string | null }): DecodedPage {
  const { encoding, from } = chooseEncoding(page.body, page.contentType ?? null)
  return { text: dropForbidden(decodeAs(page.body, encoding)), encoding, from }
}
