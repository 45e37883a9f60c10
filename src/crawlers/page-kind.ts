import type { Page } from '../model/page.ts'

/** Media types that may hold an article; servers send pages as any of these. */
const pageTypes = /^(?:text\/(?:html|plain|xml)|application\/(?:xhtml\+xml|xml|octet-stream|x-httpd-\w+|unknown))$/i

/** First bytes of PDF, ZIP (DOCX, XLSX, OFD), OLE (DOC, XLS), RAR, GIF, PNG, JPEG. */
const fileStarts: readonly (readonly number[])[] = [
  [0x25, 0x50, 0x44, 0x46],
  [0x50, 0x4b, 0x03, 0x04],
  [0xd0, 0xcf, 0x11, 0xe0],
  [0x52, 0x61, 0x72, 0x21],
  [0x47, 0x49, 0x46, 0x38],
  [0x89, 0x50, 0x4e, 0x47],
  [0xff, 0xd8, 0xff],
]

/** What a response is when it is no HTML page, in words for a message; `null` when it may be read as one. */
export function notHtmlReason({ contentType, body }: Pick<Page, 'contentType' | 'body'>): string | null {
  const mediaType = contentType?.split(';', 1)[0]?.trim() ?? ''
  if (mediaType !== '' && !pageTypes.test(mediaType)) return mediaType
  const start = fileStarts.find((bytes) => bytes.every((byte, index) => body[index] === byte))
  return start ? 'a file by its first bytes' : null
}

function isFront(path: string): boolean {
  return /^\/(?:index\.\w{3,5})?$/.test(path)
}

/**
 * Whether a redirect says "there is no such page" in the way of servers that never say 404: to the front page, or to
 * a page that is named after the status.
 */
export function isRedirectToNothing({ requestedUrl, url }: Page): boolean {
  const asked = new URL(requestedUrl)
  const got = new URL(url)
  if (asked.pathname === got.pathname) return false
  return (isFront(got.pathname) && !isFront(asked.pathname)) || /(?:^|[/_-])404(?:[./_-]|$)/.test(got.pathname)
}
