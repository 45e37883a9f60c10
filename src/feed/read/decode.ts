import { isUtf8 } from 'node:buffer'
import { decodeEbcdic, isEbcdicXml } from '../../text/ebcdic.ts'
import { decodeAs, encodingOf } from '../../text/charset.ts'

/** Single-byte text never fails to decode, so such a label proves nothing and comes last. */
const singleByte = /^(?:windows|iso|koi|mac|cp(?!949|932))/

/** Where an encoding can be declared: before the root element's first children. */
const PROLOGUE_BYTES = 1024

/** UTF-8 with so few broken sequences is damaged UTF-8, not another charset. */
const DAMAGED_SHARE = 0.1

/** Charset by the byte-order mark, or by where the zero bytes of the first `<` or `{` are. */
function unmistakable(body: Uint8Array): string | null {
  const [a, b, c, d] = body
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8'
  if (a === 0xff && b === 0xfe) return c === 0 && d === 0 ? 'utf32le' : 'utf-16le'
  if (a === 0xfe && b === 0xff) return 'utf-16be'
  if (a === 0 && b === 0) return (c === 0xfe && d === 0xff) || (c === 0 && d === 0x3c) ? 'utf32be' : null
  if (a === 0x3c && b === 0) return c === 0 && d === 0 ? 'utf32le' : 'utf-16le'
  return a === 0 && b === 0x3c ? 'utf-16be' : null
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
  return c1.test(text) ? text.replace(c1, (control) => decodeAs(Buffer.from(control, 'latin1'), 'windows-1252')) : text
}

/**
 * A feed's bytes as text. Strictly valid UTF-8 beats every label, since labels lie more often than bytes; of the
 * labels (HTTP header, XML declaration) the first whose charset fits the bytes; else Chinese charsets are tried.
 */
export function decodeFeed(body: Uint8Array, contentType: string | null | undefined): string {
  if (isEbcdicXml(body)) return decodeEbcdic(body)
  const certain = unmistakable(body)
  if (certain) return decodeAs(body, certain).replace(/^\ufeff/, '')
  const prologue = Buffer.from(body.subarray(0, PROLOGUE_BYTES)).toString('latin1')
  const header = encodingOf(/charset\s*=\s*["']?([^\s"';]+)/i.exec(contentType ?? '')?.[1])
  const declared = encodingOf(/^[^<]*<\?xml[^>]*?encoding\s*=\s*["']?([\w.:-]+)/i.exec(prologue)?.[1])
  const labels = [header, declared].flatMap((label) => label ?? [])
  const sevenBit = labels.find((label) => label === 'hz' || label === 'iso-2022-jp')
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const utf8 = isUtf8(bytes) ? bytes.toString('utf8') : null
  if (utf8 !== null && !(sevenBit && /~\{|\x1b\$/.test(utf8))) return withoutC1(utf8)
  const trusted = labels.filter((label) => !label.startsWith('utf'))
  for (const label of trusted.filter((label) => !singleByte.test(label))) {
    const text = decodeAs(body, label)
    if (!text.includes('\ufffd')) return text
  }
  const damaged = damagedUtf8(body)
  if (damaged !== null) return damaged
  const guesses = trusted[0] ? [trusted[0]] : ['gb18030', 'big5-hkscs', 'windows-1252']
  const texts = guesses.map((charset) => decodeAs(body, charset))
  return texts.find((text) => !text.includes('\ufffd')) ?? texts[0] ?? ''
}
