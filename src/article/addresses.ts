/** One parse for nearly every link: asking first whether it can be parsed would be a second one. */
function parsed(link: string, base?: string): URL | null {
  try {
    return new URL(link, base)
  } catch {
    return null
  }
}

/** The absolute http(s) address that `link` means on the page, without its fragment when that is all it is; else `null`. */
export function absoluteUrl(link: string | null | undefined, base: string): string | null {
  const trimmed = link?.trim()
  if (!trimmed || /^(?:javascript|data|mailto|tel|about|blob|vbscript|file):/i.test(trimmed)) return null
  const url = parsed(trimmed, base) ?? parsed(trimmed)
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) return null
  return url.href
}
