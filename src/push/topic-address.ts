/** Where the hub is, under the address that readers reach the server by. */
export const hubPath = '/hub'

/**
 * Takes a topic apart: the address that readers reach the server by (`https://news.example`, with the subscriber's own
 * part where the feed is private), and the path behind it.
 */
export function splitTopic(
  topic: string,
): { readonly publicUrl: string; readonly path: string; readonly query: string } | null {
  if (!URL.canParse(topic)) return null
  const mark = topic.indexOf('?')
  const [address, query] = mark === -1 ? [topic, ''] : [topic.slice(0, mark), topic.slice(mark + 1)]
  const at = address.indexOf('/feeds/')
  return at === -1 ? null : { publicUrl: address.slice(0, at), path: address.slice(at), query }
}

/** The subscriber's own part of the address of a private feed; `null` in the address of a public one. */
export function tokenOf(publicUrl: string): string | null {
  return /\/private\/([\w-]{20,100})$/.exec(publicUrl)?.[1] ?? null
}

/** An address as logs may show it: what opens a private feed does not belong there. */
export function withoutToken(address: string): string {
  return address.replace(/\/private\/[^/?#]+/, '/private/…')
}

/** The hub of the server that a topic is on. */
export function hubOf(topic: string): string {
  return `${(splitTopic(topic)?.publicUrl ?? '').replace(/\/private\/[\w-]+$/, '')}${hubPath}`
}
