import { getDomain } from 'tldts'
import { canonicalUrl, parseHttp } from './canonical-url.ts'

/** The marks of a page's number within its article: `7_2.html`, `7-3.html`, `page=2`, `/page/2`. */
const pageMark = /(?<=\d)[_-]\d{1,2}(?=\.[a-z]+$|$)|\/(?:page|p)[_/-]?\d{1,3}(?=\/|$)/i
const pageParameter = /(?<=[?&])(?:page|p|pn|pageno|pageindex|page_no|pagenum|currentpage)=\d{1,3}(?:&|$)/i
/** A path that names one text: a number of some length, or a headline in words. */
const namesText = /\d{3,}|(?:[^/-]+-){3,}|%[\dA-F]{2}(?:[^/]*%[\dA-F]{2}){11}/

/**
 * The address that a page is to be known by: the one it states as `rel=canonical` where that can be true, else its own.
 * Stated addresses are often wrong in one of a few ways: another site's, the front page on every article, the section, the first
 * of several pages. Believing one of these would make many articles one; not believing costs a comparison of texts.
 * @param statedCanonical as the page states it, absolute or relative; `null` when it states none
 * @returns a canonical address, as of `canonicalUrl`
 */
export function plausibleCanonical(pageUrl: string, statedCanonical: string | null): string {
  const page = canonicalUrl(pageUrl)
  const base = parseHttp(pageUrl.trim())
  const text = statedCanonical?.trim() ?? ''
  if (!base || text === '' || !URL.canParse(text, base.href)) return page
  const stated = canonicalUrl(new URL(text, base.href).href)
  return isPlausible(page, stated) ? stated : page
}

function isPlausible(page: string, stated: string): boolean {
  const from = parseHttp(page)
  const to = parseHttp(stated)
  if (!from || !to || !isSameSite(from.hostname, to.hostname)) return false
  const fromPath = from.pathname + from.search + from.hash
  const toPath = to.pathname + to.search + to.hash
  if (fromPath === toPath) return true
  // The front page, or a section above the article.
  if (toPath === '/' || from.pathname.startsWith(`${to.pathname.replace(/\/$/, '')}/`)) return false
  if (isPageOf(fromPath, toPath)) return false
  // An application's routes, and ids that the stated address has lost: it is the frame of all articles.
  if (from.pathname === to.pathname && to.search === '' && to.hash === '') return false
  return namesText.test(toPath) || !namesText.test(fromPath)
}

/** Whether two hosts are one publisher's: by registrable domain, where tenants of a hoster are publishers of their own. */
function isSameSite(a: string, b: string): boolean {
  if (a === b) return true
  const domain = getDomain(a, { allowPrivateDomains: true })
  return domain !== null && domain === getDomain(b, { allowPrivateDomains: true })
}

/** Whether one path is a further page of the text at the other. */
function isPageOf(path: string, first: string): boolean {
  const withoutMark = path.replace(pageMark, '').replace(pageParameter, '').replace(/[?&]$/, '')
  return withoutMark !== path && withoutMark === first.replace(pageParameter, '').replace(/[?&]$/, '')
}
