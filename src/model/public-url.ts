/** An address to which paths are put: without the slash at its end. */
export function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '')
}
