/** Where a store is, as it may be shown and logged: options may hold a password too. */
export function withoutPassword(url: string): string {
  const shown = new URL(url)
  shown.password = ''
  shown.search = ''
  return shown.href
}
