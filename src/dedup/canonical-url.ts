import { parse } from 'tldts'
import { isIncidental } from './tracking-parameters.ts'

/** Host labels under which a site serves the same pages to telephones or to caches. */
const mobileLabels = new Set(['m', 'wap', '3g', '4g', 'mobile', 'touch', 'amp', 'mip', 'h5'])
const viewSegments = new Set([...mobileLabels, 'print'])
const indexPage = /^(?:index|default)\.(?:s?html?|xhtml|jhtml|php\d?|aspx?|jspx?|do|action|cgi|cfm)$/i
const sessionSegment = /;(?:jsessionid|phpsessid|sid|sessionid)=[^;/]*/gi
/** ASP.NET writes a session as a path segment: `/(S(lit3py55t21z5v55vlm25s55))/`. */
const aspSession = /^\((?:[A-Z]\([^()]*\))+\)$/i
/** `1.amp.html`, `1_print.html`, `1_m.html` (the bare `m` only after a digit: `list_m.html` may be a section), `1.amp`. */
const viewSuffix =
  /(?:[._-](?:amp|print|printable|mobile|wap|mip)|(?<=\d)_m)(?=\.(?:s?html?|php|aspx?|jsp)$)|(?<=\d)\.(?:amp|mip)$/i
const articlePath = /\d{3,}|\.(?:s?html?|xhtml|jhtml)$/i

/**
 * One spelling for all addresses of one page: a key to compare by, not always an address to fetch.
 * Folds scheme, `www.` and mobile hosts, default ports, case and escapes, index pages, slashes, parameter order, tracking, sharing, sessions,
 * AMP and print views, and fragments. Ids, pages, sections and routes of single-page applications (`#/`, `#!`) stay.
 * @returns an https address; the trimmed input when it is no http(s) address
 */
export function canonicalUrl(url: string): string {
  const trimmed = url.trim()
  const parsed = parseHttp(trimmed)
  if (!parsed) return trimmed
  const unwrapped = unwrapCache(parsed)
  const host = canonicalHost(unwrapped)
  if (host === 'mp.weixin.qq.com') return wechatUrl(unwrapped)
  const path = canonicalPath(unwrapped.pathname)
  return `https://${host}${path}${canonicalQuery(unwrapped.search, path)}${canonicalRoute(unwrapped.hash)}`
}

/** The address as a URL; `null` when it is none of http or https. */
export function parseHttp(text: string): URL | null {
  const absolute = text.startsWith('//') ? `https:${text}` : text
  if (!/^https?:/i.test(absolute) || !URL.canParse(absolute)) return null
  return new URL(absolute)
}

/** AMP caches and viewers hold the page's own address in their path: `/c/s/host/path` and `/amp/s/host/path`. */
function unwrapCache(url: URL): URL {
  const isCache = url.hostname.endsWith('.cdn.ampproject.org') || /^www\.google\.[a-z.]+$/.test(url.hostname)
  const match = isCache ? /^\/(?:c|v|i|amp)\/(?:s\/)?([^/]+\.[^/]+\/.*)$/.exec(url.pathname) : null
  const inner = match ? `https://${match[1]}${url.search}` : ''
  return match && URL.canParse(inner) ? new URL(inner) : url
}

function canonicalHost(url: URL): string {
  const hostname = url.hostname.replace(/\.$/, '')
  const port = url.port === '' || url.port === '80' || url.port === '443' ? '' : `:${url.port}`
  const { subdomain, domain, isIp } = parse(hostname)
  if (isIp || !domain) return stripWww(hostname) + port
  const labels = (subdomain ?? '')
    .split('.')
    .filter((label) => label !== '' && label !== 'www' && !mobileLabels.has(label))
  // `www.gov.cn` is a registrable domain by the public suffix list, and `gov.cn` a site all the same.
  return stripWww([...labels, domain].join('.')) + port
}

function stripWww(host: string): string {
  return /^www\.[^.]+\../.test(host) ? host.slice(4) : host
}

function canonicalPath(pathname: string): string {
  const segments = pathname
    .replace(sessionSegment, '')
    .replace(/(?:%20|%09|%0a|%0d)+$/i, '')
    .split('/')
    .filter((segment) => segment !== '' && !aspSession.test(segment))
    .map((segment) => canonicalEscapes(segment, pathSafe))
  if (indexPage.test(segments.at(-1) ?? '')) segments.pop()
  // `/m/2019/1.html` is a view of `/2019/1.html`; `/mobile/list.html` is a section of its own.
  if (viewSegments.has(segments[0] ?? '') && segments.slice(1).some((segment) => /\d/.test(segment))) segments.shift()
  if (segments.length > 1 && /^(?:amp|print)(?:\.html?)?$/.test(segments.at(-1) ?? '')) segments.pop()
  const last = segments.pop()
  if (last !== undefined) segments.push(last.replace(viewSuffix, ''))
  return `/${segments.join('/')}`
}

function canonicalQuery(search: string, path: string): string {
  // `&amp;` is a parameter list copied out of HTML source.
  const pairs = search
    .replace(/^\?/, '')
    .replaceAll('&amp;', '&')
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [name = '', ...rest] = pair.replaceAll('+', '%20').split('=')
      const value = rest.length === 0 ? null : canonicalEscapes(rest.join('='), querySafe)
      return { name: canonicalEscapes(name, querySafe), value }
    })
  const setting = {
    names: new Set(pairs.map((pair) => pair.name.toLowerCase())),
    isArticlePath: articlePath.test(path),
  }
  const kept = pairs
    .filter(({ name, value }) => name !== '' && value !== '' && !isIncidental(name, value, setting))
    .map(({ name, value }) => (value === null ? name : `${name}=${value}`))
  const sorted = [...new Set(kept)].toSorted()
  return sorted.length === 0 ? '' : `?${sorted.join('&')}`
}

/** The part of a fragment that names a page: a route of a single-page application. All else is a place within the page. */
function canonicalRoute(hash: string): string {
  const match = /^#(!?\/?)([^?]*)(\?.*)?$/.exec(hash)
  if (!match || match[1] === '' || match[2] === undefined) return ''
  const route = match[2].replaceAll(/\/{2,}/g, '/').replace(/\/$/, '')
  return route === '' ? '' : `#${match[1]}${canonicalEscapes(route, querySafe)}${canonicalQuery(match[3] ?? '', route)}`
}

const pathSafe = /[\w.~!'()*,:@$-]/
const querySafe = /[\w.~!'()*,:@$/?;=[\]{}|-]/

/** Escapes in capitals, and only where they are needed (RFC 3986 §6.2.2); other scripts as escaped UTF-8; bytes of other charsets as they are. */
function canonicalEscapes(text: string, safe: RegExp): string {
  return text
    .replaceAll(/%[\da-f]{2}/gi, (escape) => {
      const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16))
      return safe.test(character) ? character : escape.toUpperCase()
    })
    .replaceAll(/%(?![\dA-F]{2})/g, '%25')
    .replaceAll(/[^\x21-\x7e]/gu, (character) => encodeURIComponent(character))
}

/** WeChat names an article by account, message, place and signature, or by a token in the path; all else is the reader's. */
function wechatUrl(url: URL): string {
  const path = canonicalPath(url.pathname)
  const kept = ['__biz', 'idx', 'mid', 'sn'].flatMap((name) => {
    const value = url.searchParams.get(name) ?? url.searchParams.get(`amp;${name}`)
    return value ? [`${name}=${canonicalEscapes(value, querySafe)}`] : []
  })
  if (path === '/s' && kept.length > 0) return `https://mp.weixin.qq.com/s?${kept.join('&')}`
  return `https://mp.weixin.qq.com${path}${path.startsWith('/s/') ? '' : canonicalQuery(url.search, path)}`
}
