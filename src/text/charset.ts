import iconv from 'iconv-lite'

/** Labels whose text is always a part of a larger encoding that decodes it as well, or better; the standard's other names. */
const families: readonly (readonly [labels: RegExp, encoding: string])[] = [
  [/^(?:unicode-1-1-)?utf-?8$/, 'utf-8'],
  [
    /^(?:x-)?(?:gb[-_]?2312(?:-80)?|gbk|gb[-_]?18030|cp936|ms936|windows-936|euc-cn|chinese|iso-ir-58|csgb2312)$/,
    'gb18030',
  ],
  [/^(?:x-)?(?:x-)?(?:big5(?:-?hkscs|-eten|-tw)?|cn-big5|cp950|ms950|windows-950|csbig5)$/, 'big5-hkscs'],
  [/^(?:iso-?8859[-_]?1|latin[-_]?1|us-ascii|ascii|ansi|windows-1252|cp1252)$/, 'windows-1252'],
  [/^(?:utf-?16(?:-?le)?|unicode)$/, 'utf-16le'],
  [/^utf-?16-?be$/, 'utf-16be'],
  [/^hz(?:-gb-2312)?$/, 'hz'],
  [/^(?:cs)?iso-?2022-jp$/, 'iso-2022-jp'],
  [/^(?:ks_c_5601-1987|ksc5601|korean|euc-kr|ms949|cp949|uhc)$/, 'cp949'],
  [/^(?:x-)?(?:shift[-_]?jis|sjis)$|^ms_kanji$|^windows-31j$/, 'shift_jis'],
  [/^(?:x-)?euc-?jp$/, 'euc-jp'],
]

/**
 * Encodings that Node's own decoder reads right, and fast. It is wrong for windows-1252, for cp949 under `euc-kr` and for
 * Big5-HKSCS; iconv-lite is right for these, and lacks iso-2022-jp.
 */
const native: ReadonlySet<string> = new Set([
  'utf-8',
  'gb18030',
  'utf-16le',
  'utf-16be',
  'iso-2022-jp',
  'shift_jis',
  'euc-jp',
])

/** What iconv-lite has beside encodings of text, and UTF-7, which hides markup from whoever looks at bytes. */
const noText = /^(?:utf-?7.*|base64|hex|binary|internal.*|ucs-?2)$/

/** The encoding that a label of a server, a page or a feed means; `null` when it means none. */
export function encodingOf(label: string | null | undefined): string | null {
  const name = (label ?? '')
    .trim()
    .replace(/^["']|["';]$/g, '')
    .toLowerCase()
  if (name === '' || noText.test(name)) return null
  const family = families.find(([labels]) => labels.test(name))
  if (family) return family[1]
  if (iconv.encodingExists(name)) return name
  try {
    return new TextDecoder(name).encoding
  } catch {
    return null
  }
}

/** GB 2312 in seven bits: between `~{` and `~}` each byte lacks its high bit (RFC 1843). */
function decodeHz(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('latin1')
  return text.replace(
    /~(?:\{([\s\S]*?)(?:~\}|\n|$)|(~)|\n)/g,
    (_, double: string | undefined, tilde: string | undefined) => {
      if (double === undefined) return tilde ?? ''
      return new TextDecoder('gb18030').decode(Uint8Array.from(Buffer.from(double, 'latin1'), (byte) => byte | 0x80))
    },
  )
}

/** Bytes as text; what is no character becomes U+FFFD. @param encoding as `encodingOf` names it */
export function decodeAs(bytes: Uint8Array, encoding: string): string {
  if (encoding === 'hz') return decodeHz(bytes)
  if (native.has(encoding) || !iconv.encodingExists(encoding)) return new TextDecoder(encoding).decode(bytes)
  // The same bytes, not a copy.
  return iconv.decode(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), encoding)
}
