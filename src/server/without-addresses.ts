/** A line of a crawl for everyone's eyes: addresses, which may hold keys and passwords, are cut to the host. */
export function withoutAddresses(text: string): string {
  return text.replaceAll(
    /(https?:\/\/)([^\s/?#"]+)(?:[/?#](?:[^\s"]*[^\s":,;.)])?)?/g,
    (_, scheme: string, authority: string) => {
      const host = authority.slice(authority.lastIndexOf('@') + 1)
      return `${scheme}${host}/…`
    },
  )
}

/** A publisher's front page without what only we are to send; `null` when there is none. */
export function publicHomepage(homepage: string | undefined): string | null {
  if (homepage === undefined) return null
  const url = new URL(homepage)
  url.username = ''
  url.password = ''
  return url.href
}
