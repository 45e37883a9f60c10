// What XML 1.0 forbids or what no reader should see: controls, lone surrogates, non-characters, the byte order mark.
// Halves of pairs are told by what stands beside them: with the `u` flag the same takes several times as long.
const forbidden =
  /[\u0000-\u0008\u000b\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufeff\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g
// A test is faster than a replacement and is enough for nearly every page.
const maybeForbidden = /[\u0000-\u0008\u000b\u000e-\u001f\u007f-\u009f\ud800-\udfff\ufeff\ufffe\uffff]/

/** Text without NUL, control characters (tab and line ends stay), lone surrogates and byte order marks. */
export function dropForbidden(text: string): string {
  return maybeForbidden.test(text) ? text.replace(forbidden, '') : text
}

// Zero-width space, joiners outside of emoji and Indic scripts, directional marks, soft hyphen, word joiner.
const invisible = /[\u00ad\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f]/g

// Whatever one of the patterns here may change; most lines have none of it.
const unusual =
  / {2}|[\u0000-\u001f\u007f-\u00a0\u00ad\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ud800-\udfff\ufeff\ufffe\uffff]/

/** Runs of spaces other than a single plain one, which most are. */
const unevenSpace = /[^\S ]\s*| \s+/g

/** One line: characters that cannot be seen are gone, every run of spaces (full-width and no-break too) is one space. */
export function oneLine(text: string): string {
  if (!unusual.test(text)) return text.trim()
  return foldSpaces(dropForbidden(text)).trim()
}

/** The text with each run of spaces as one space, and nothing that cannot be seen; not trimmed. */
export function foldSpaces(text: string): string {
  if (!unusual.test(text)) return text
  return text.replace(invisible, '').replace(unevenSpace, ' ')
}

const onlySpace = /^[\s\u3000\u00a0\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]*$/

/** Whether nothing of the text can be seen. */
export function invisibleOrSpace(text: string): boolean {
  return onlySpace.test(text)
}
