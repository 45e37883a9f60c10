import { newestItems } from '../crawlers/find-listing.ts'
import type { FoundListing } from '../crawlers/site-visit.ts'
import type { Article } from '../model/article.ts'
import type { StatedTime } from '../model/time.ts'
import type { Look } from './look-at.ts'
import { fit, formatTable } from './table.ts'

const shownItems = 10
/** Terminal columns. */
const titleWidth = 60
const wordsWidth = 60
const paragraphWidth = 240

const kindNames: Readonly<Record<FoundListing['kind'], string>> = {
  html: 'list page',
  feed: 'feed',
  sitemap: 'sitemap',
  json: 'JSON list',
}

/** A time as its publisher states it, in the zone in which it was stated: `2019-10-31 15:20`, or the day alone. */
export function formatStated(time: StatedTime | null): string {
  if (time === null) return '–'
  const offset = /^([+-])(\d\d):(\d\d)$/.exec(time.zone)
  const offsetMs = offset ? Number(`${offset[1]}1`) * (Number(offset[2]) * 60 + Number(offset[3])) * 60_000 : 0
  // Node 20 knows offsets as zones only from some versions of ICU on.
  const text = new Date(Date.parse(time.at) + offsetMs).toLocaleString('sv', { timeZone: offset ? 'UTC' : time.zone })
  return time.precision === 'day' ? text.slice(0, 10) : text.slice(0, 16)
}

/** The first words of an item: of its article's text where that was read, else of what the listing says. */
function firstWords(look: Look, item: FoundListing['items'][number]): string {
  return look.articles.get(item.url)?.bodyText.split('\n', 1)[0] ?? item.summary ?? ''
}

function itemsTable(look: Look, listing: FoundListing): string {
  const rows = newestItems(listing, shownItems).map((item) => [
    formatStated(item.publishedAt),
    fit(item.title ?? item.url, titleWidth),
    fit(firstWords(look, item), wordsWidth),
  ])
  return formatTable([{ name: 'date' }, { name: 'title' }, { name: 'first words' }], rows)
}

function articleText(article: Article): string {
  const facts = [formatStated(article.publishedAt), article.origin, article.byline].filter((fact) => fact !== null)
  const paragraphs = article.bodyText.split('\n')
  const shown = paragraphs.slice(0, 3).map((text) => `  ${fit(text, paragraphWidth)}`)
  const rest = paragraphs.length > 3 ? [`  … ${paragraphs.length - 3} more paragraphs`] : []
  return [article.title ?? '(no title)', `  ${facts.join(' · ')}`, ...shown, ...rest].join('\n')
}

function triedText(look: Look): string {
  return look.tried.map(({ url, as, outcome }) => `  ${url}\n    ${as}: ${outcome}`).join('\n')
}

/** What a look found, for a person: an article, a listing with its ten newest items, or what was tried in vain. */
export function formatLook(look: Look): string {
  const { listing, article, site } = look
  const parts: string[] = []
  if (look.privateHost !== null) parts.push(`${look.privateHost} is a private address; asked because you named it.`)
  if (article !== null) parts.push(`An article:\n${articleText(article)}`)
  if (listing === null) {
    if (article === null) parts.push(`No list of announcements was found. Tried:\n${triedText(look)}\n${advice(look)}`)
    return parts.join('\n\n')
  }
  const newest = newestItems(listing, 1)[0]
  const sample = newest && look.articles.get(newest.url)
  const facts = [site.name ?? site.homepage, site.language].filter((fact) => fact !== null).join(' · ')
  const more = listing.nextUrl === null ? '' : ', goes on over further pages'
  parts.push(
    `${facts}\n${kindNames[listing.kind]} ${listing.url}\n  found as ${listing.as}: ${listing.items.length} items${more}`,
    itemsTable(look, listing),
  )
  if (sample) parts.push(`Its newest article as it is read:\n${articleText(sample)}`)
  return parts.join('\n\n')
}

/** What a person can do when nothing was found, by how it failed. */
const adviceByCode: Readonly<Record<string, string>> = {
  'robots.disallowed': 'Its robots.txt does not want programs there; ask the publisher for a feed or for leave.',
  'robots.unreachable': 'Its robots.txt could not be read, which forbids all until it can be; try again later.',
  'page.blocked':
    'It keeps programs out. A feed or sitemap of it may be open all the same: give its address; else ask the publisher.',
  'visit.time': 'It answers too slowly for a look; try again later, or give the address of its list itself.',
  'http.timeout': 'It answers too slowly for a look; try again later, or give the address of its list itself.',
  'http.dns': 'Check how the address is spelt.',
}

function advice({ tried }: Look): string {
  const code = tried[0]?.code ?? null
  if (code === null) {
    return 'Give the address of the page that lists the announcements; if scripts write it, try --browser.'
  }
  return adviceByCode[code] ?? 'Open the address in a browser; try again later, or give another page of the site.'
}
