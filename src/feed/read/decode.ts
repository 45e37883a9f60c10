import { isUtf8 } from 'node:buffer'
import iconv from 'iconv-lite'

/** Labels whose text is always a part of a larger charset that decodes it as well, or better. */
const families: readonly (readonly [RegExp, string])[] = [
  [
    /^(?:x-)?(?:gb[-_]?2312(?:-80)?|gbk|gb[-_]?18030|cp936|ms936|windows-936|euc-cn|chinese|iso-ir-58|csgb2312)$/,
    'gb18030',
  ],
  [/^(?:x-)?(?:big5(?:-?hkscs|-eten|-tw)?|cn-big5|cp950|ms950|windows-950|csbig5)$/, 'big5hkscs'],
  [/^(?:iso-?8859-?1|latin-?1|us-ascii|ascii|ansi|windows-1252|cp1252)$/, 'windows1252'],
  [/^(?:unicode-1-1-)?utf-?8$/, 'utf8'],
  [/^utf-?16(?:-?le)?$/, 'utf16le'],
  [/^utf-?16-?be$/, 'utf16be'],
  [/^hz(?:-gb-2312)?$/, 'hz'],
  [/^(?:cs)?iso-?2022-jp$/, 'iso-2022-jp'],
  [/^(?:ks_c_5601-1987|euc-kr|ms949|uhc)$/, 'cp949'],
]

/** Single-byte text never fails to decode, so such a label proves nothing and comes last. */
const singleByte = /^(?:windows|iso|koi|mac|cp(?!949|932))/

/** Where an encoding can be declared: before the root element's first children. */
const PROLOGUE_BYTES = 1024

/** UTF-8 with so few broken sequences is damaged UTF-8, not another charset. */
const DAMAGED_SHARE = 0.1

function charsetOf(label: string | undefined): string | null {
  const name = label?.trim().toLowerCase() ?? ''
  const family = families.find(([pattern]) => pattern.test(name))
  if (family) return family[1]
  return name !== '' && iconv.encodingExists(name) ? name : null
}

/** The same bytes, not a copy. */
function bufferOf(body: Uint8Array): Buffer {
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength)
}

/** GB 2312 in seven bits: between `~{` and `~}` each byte lacks its high bit (RFC 1843). */
function decodeHz(body: Uint8Array): string {
  const text = Buffer.from(body).toString('latin1')
  return text.replace(
    /~(?:\{([\s\S]*?)(?:~\}|\n|$)|(~)|\n)/g,
    (_, double: string | undefined, tilde: string | undefined) => {
      if (double === undefined) return tilde ?? ''
      return new TextDecoder('gb18030').decode(Uint8Array.from(Buffer.from(double, 'latin1'), (byte) => byte | 0x80))
    },
  )
}

function decodeAs(body: Uint8Array, charset: string): string {
  if (charset === 'hz') return decodeHz(body)
  if (charset === 'utf8' || charset === 'gb18030' || charset === 'iso-2022-jp') {
    return new TextDecoder(charset === 'utf8' ? 'utf-8' : charset).decode(body)
  }
  return iconv.decode(body, charset)
}

/** Charset by the byte-order mark, or by where the zero bytes of the first `<` or `{` are. */
function unmistakable(body: Uint8Array): string | null {
  const [a, b, c, d] = body
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf8'
  if (a === 0xff && b === 0xfe) return c === 0 && d === 0 ? 'utf32le' : 'utf16le'
  if (a === 0xfe && b === 0xff) return 'utf16be'
  if (a === 0 && b === 0) return (c === 0xfe && d === 0xff) || (c === 0 && d === 0x3c) ? 'utf32be' : null
  if (a === 0x3c && b === 0) return c === 0 && d === 0 ? 'utf32le' : 'utf16le'
  return a === 0 && b === 0x3c ? 'utf16be' : null
}

function damagedUtf8(body: Uint8Array): string | null {
  const text = new TextDecoder('utf-8').decode(body)
  const broken = text.split('\ufffd').length - 1
  const sound = text.match(/[^\0-\x7f\ufffd]/g)?.length ?? 0
  return broken <= sound * DAMAGED_SHARE ? text : null
}

/** C1 controls stand in no text; where they do, bytes of windows-1252 were taken for Latin-1 on the way. */
const c1 = /[\x80-\x9f]/g

function withoutC1(text: string): string {
  return c1.test(text)
    ? text.replace(c1, (control) => iconv.decode(Buffer.from(control, 'latin1'), 'windows1252'))
    : text
}

/**
 * A feed's bytes as text. Strictly valid UTF-8 beats every label, since labels lie more often than bytes; of the
 * labels (HTTP header, XML declaration) the first whose charset fits the bytes; else Chinese charsets are tried.
 */
export function decodeFeed(body: Uint8Array, contentType: string | null | undefined): string {
  const certain = unmistakable(body)
  if (certain) return decodeAs(body, certain).replace(/^\ufeff/, '')
  const prologue = Buffer.from(body.subarray(0, PROLOGUE_BYTES)).toString('latin1')
  const header = charsetOf(/charset\s*=\s*["']?([^\s"';]+)/i.exec(contentType ?? '')?.[1])
  const declared = charsetOf(/^[^<]*<\?xml[^>]*?encoding\s*=\s*["']?([\w.:-]+)/i.exec(prologue)?.[1])
  const labels = [header, declared].flatMap((label) => label ?? [])
  const sevenBit = labels.find((label) => label === 'hz' || label === 'iso-2022-jp')
  const bytes = bufferOf(body)
  const utf8 = isUtf8(bytes) ? bytes.toString('utf8') : null
  if (utf8 !== null && !(sevenBit && /~\{|\x1b\$/.test(utf8))) return withoutC1(utf8)
  const trusted = labels.filter((label) => !label.startsWith('utf'))
  for (const label of trusted.filter((label) => !singleByte.test(label))) {
    const text = decodeAs(body, label)
    if (!text.includes('\ufffd')) return text
  }
  const damaged = damagedUtf8(body)
  if (damaged !== null) return damaged
  const guesses = trusted[0] ? [trusted[0]] : ['gb18030', 'big5hkscs', 'windows1252']
  const texts = guesses.map((charset) => decodeAs(body, charset))
  return texts.find((text) => !text.includes('\ufffd')) ?? texts[0] ?? ''
}
