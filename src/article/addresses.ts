/** The absolute http(s) address that `link` means on the page, without its fragment when that is all it is; else `null`. */
export function absoluteUrl(link: string | null | undefined, base: string): string | null {
  const trimmed = link?.trim()
  if (!trimmed || /^(?:javascript|data|mailto|tel|about|blob|vbscript|file):/i.test(trimmed)) return null
  const url = URL.canParse(trimmed, base) ? new URL(trimmed, base) : URL.canParse(trimmed) ? new URL(trimmed) : null
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) return null
  return url.href
}
