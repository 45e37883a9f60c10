/** The bytes 0x40 to 0xFF of code page 037, IBM's for the United States. */
const upper =
  ' \xa0âäàáãåçñ¢.<(+|&éêëèíîïìß!$*);¬-/ÂÄÀÁÃÅÇÑ¦,%_>?' +
  'øÉÊËÈÍÎÏÌ`:#@\'="Øabcdefghi«»ðýþ±°jklmnopqrªºæ¸Æ¤' +
  'µ~stuvwxyz¡¿ÐÝÞ®^£¥·©§¶¼½¾[]¯¨´×{ABCDEFGHI\xadôöòóõ' +
  '}JKLMNOPQR¹ûüùúÿ\\÷STUVWXYZ²ÔÖÒÓÕ0123456789³ÛÜÙÚ\x9f'

/** Where code page 500, the international one, differs. */
const international: Readonly<Record<string, string>> = {
  '¢': '[',
  '|': '!',
  '!': ']',
  '¬': '^',
  '^': '¢',
  '[': '¬',
  ']': '|',
}

const firstUpper = 0x40
/** Tab, the two line ends and carriage return; the other controls say nothing. */
const controls: ReadonlyMap<number, string> = new Map([
  [0x05, '\t'],
  [0x0d, '\r'],
  [0x15, '\n'],
  [0x25, '\n'],
])

/** Whether an XML document is written in EBCDIC: its declaration begins with other bytes there (XML 1.0, appendix F.1). */
export function isEbcdicXml(bytes: Uint8Array): boolean {
  return bytes[0] === 0x4c && bytes[1] === 0x6f && bytes[2] === 0xa7 && bytes[3] === 0x94
}

/** EBCDIC as text. Letters of code pages for other languages than western ones come out as those of code page 037. */
export function decodeEbcdic(bytes: Uint8Array): string {
  const american = Array.from(bytes, (byte) => upper[byte - firstUpper] ?? controls.get(byte) ?? '').join('')
  const label = /encoding\s*=\s*["']([\w-]+)/.exec(american.slice(0, 200))?.[1]?.toLowerCase() ?? ''
  if (/(?:500|ebcdic-?(?:cp-)?(?:be|ch)|ebcdic_cp_(?:be|ch)|1148)$/.test(label)) {
    return Array.from(american, (character) => international[character] ?? character).join('')
  }
  return label.endsWith('1140') ? american.replaceAll('¤', '€') : american
}
