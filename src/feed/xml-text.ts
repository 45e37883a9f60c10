/**
 * What XML 1.0 §2.2 forbids (C0 controls, two non-characters, surrogates without their other half) or discourages
 * (DEL, C1 controls), and the replacement character, which the W3C feed validator takes for a wrong encoding.
 */
const forbidden = /[\0-\x08\v\f\x0e-\x1f\x7f-\x9f\ufffd-\uffff\p{Cs}]/gu
const anyForbidden = new RegExp(forbidden.source, 'u')

/**
 * The text without what would make a whole XML document unreadable (XML 1.0 §2.2), or is discouraged there.
 * Every string of every feed passes here once.
 */
export function xmlText(text: string): string {
  return anyForbidden.test(text) ? text.replace(forbidden, '') : text
}

const special = /[&<>"']/g
const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Hygienic text as XML character data or attribute value; `>` too, so that `]]>` never stands in the output. */
export function escapeXml(text: string): string {
  return xmlText(text).replace(special, (char) => escapes[char] ?? char)
}
