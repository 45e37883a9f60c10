import { type Element, isTag, isText, type ParentNode } from 'domhandler'
import type { Candidate } from './candidate.ts'
import type { Family, Row } from './family.ts'
import { foldSpaces } from './link.ts'
import { headingOf, isDated } from './row.ts'
import { elementsIn, isHeading, titleWeight } from './title.ts'

interface ScoredFamily {
  readonly family: Family
  readonly score: number
  /** Share of rows with a date, 0 to 1. */
  readonly dated: number
  /** What the average title says, 0 to 1. */
  readonly titles: number
  /** What names and places around the list say of it, 0 to 1. */
  readonly context: number
}

const asideWords =
  /(?:^|[\s_-])(?:nav|menu|foot|footer|header|top-?bar|crumbs?|breadcrumbs?|aside|side-?bar|side|rank|ranking|hot|popular|trending|relate|related|recommend|tuijian|tags?|tag-?cloud|keywords?|friend|friendlink|links|copyright|share|login|search|pagination|pager)(?:$|[\s_-])/i
/** What a heading over a list says that is no news of its own. */
const asideHeadings =
  /^(?:热门|热点|点击|阅读|浏览|本周|本月|24小时|一周)?(?:排行|排行榜|热榜|推荐|推荐阅读|相关|相关阅读|相关新闻|猜你喜欢|热门|热门文章|热门新闻|友情链接|专题|专题专栏|most (?:read|popular)|related|popular|trending|recommended|you may also like)/i

/** How likely an address is one article's: it holds a number, a date, a file or a long name. */
function addressWeight(url: string): number {
  const { pathname, search } = new URL(url)
  if (/\.(?:jpe?g|png|gif|webp|svg|bmp|mp[34]|apk|exe)$/i.test(pathname)) return 0.1
  if (/\d{4,}|\d{2,4}[-/]\d{1,2}|\.(?:pdf|docx?|ofd)$/i.test(pathname)) return 1
  if (/\d{3,}|[?&](?:id|aid|tid|newsid|articleid|infoid)=/i.test(search)) return 1
  if (/[^/]+(?:-[^/]+){3,}\/?$/.test(pathname) || /\d/.test(pathname)) return 0.8
  return /\/$|(?:index|list)[^/]*$/i.test(pathname) ? 0.15 : 0.4
}

/** A title of eleven characters above a channel's name says as much as a longer one. */
function titleScore(title: string): number {
  return Math.min(1, Math.max(0.05, (titleWeight(title) - 3) / 11))
}

function ownWeight(element: Element): number {
  if (element.name === 'nav' || element.name === 'footer' || element.name === 'aside') return 0.15
  const names = `${element.attribs['class'] ?? ''} ${element.attribs['id'] ?? ''}`
  return element.name !== 'body' && element.name !== 'html' && asideWords.test(names) ? 0.35 : 1
}

/** Weights of elements by their names and those around them, kept so that deep pages stay linear. */
type Contexts = Map<ParentNode, number>

function contextWeight(container: ParentNode, known: Contexts): number {
  if (!isTag(container)) return 1
  const cached = known.get(container)
  if (cached !== undefined) return cached
  const above = container.parent === null ? 1 : contextWeight(container.parent, known)
  const weight = Math.min(above, ownWeight(container), headingWeight(container))
  known.set(container, weight)
  return weight
}

function headingWeight(container: Element): number {
  let before = container.prev
  while (before !== null && !isTag(before)) before = before.prev
  if (before === null) return 1
  // Only a short heading is read: the element before may be half of the page.
  const inner = before.children.find((child) => isTag(child))
  const heading = ownText(before) || (inner === undefined ? '' : ownText(inner))
  return heading.length <= 20 && asideHeadings.test(heading) ? 0.3 : 1
}

function ownText(element: Element): string {
  return foldSpaces(element.children.map((child) => (isText(child) ? child.data : '')).join(''))
}

/** Dated rows are news far more often than undated ones. */
const datedBonus = 3

function rowWeight(row: Row): number {
  return titleScore(row.title) * addressWeight(row.url)
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
}

/** A row that weighs less and has no date is no news among dated ones: a pager, a link to the archive. */
const minUndatedWeight = 0.3

/**
 * A family without what has the same build but is no news: pages of bare tables give navigation, news and pager one
 * shape. Told apart by dates, else by titles and addresses.
 */
function refine(family: Family): Family {
  const byContainer = new Map<ParentNode, Row[]>()
  for (const row of family.rows) {
    const known = byContainer.get(row.container)
    if (known) known.push(row)
    else byContainer.set(row.container, [row])
  }
  const parts = [...byContainer].map(([container, rows]) => ({
    container,
    rows,
    dated: headingOf(container).date === null ? mean(rows.map((row) => Number(isDated(row)))) : 1,
    weight: mean(rows.map(rowWeight)),
  }))
  const large = parts.filter(({ rows }) => rows.length > 2)
  const isDatedList = large.some(({ dated }) => dated >= 0.6)
  const bestWeight = Math.max(0, ...large.map(({ weight }) => weight))
  const kept = parts
    .filter(({ dated, weight }) => (isDatedList ? dated >= 0.3 : weight >= bestWeight * 0.4))
    .map((part) => ({
      ...part,
      rows: part.rows.filter(
        (row) => part.dated === 1 || !isDatedList || isDated(row) || rowWeight(row) >= minUndatedWeight,
      ),
    }))
  return { ...family, containers: kept.map(({ container }) => container), rows: kept.flatMap(({ rows }) => rows) }
}

function scoreFamily(whole: Family, contexts: Contexts): ScoredFamily {
  const family = refine(whole)
  const { rows, containers } = family
  const hasHeadings = containers.length > 1 && containers.every((container) => headingOf(container).date !== null)
  const dated = hasHeadings ? 1 : rows.filter(isDated).length / rows.length
  const weights = new Map(rows.map((row) => [row.url, rowWeight(row)]))
  const sum = [...weights.values()].reduce((total, weight) => total + weight, 0)
  const context = containers.reduce((most, container) => Math.max(most, contextWeight(container, contexts)), 0)
  // Containers of one row each are the insides of rows of a larger list.
  const together = Math.min(1, (rows.length / containers.length - 1) * 0.9 + 0.1)
  const titles = mean(rows.map((row) => titleScore(row.title)))
  const score = sum * context * together * (1 + (datedBonus - 1) * (dated >= 0.5 ? dated : 0))
  return { family, dated, titles, context, score }
}

function isInside(node: ParentNode | null, containers: ReadonlySet<ParentNode>): boolean {
  for (let at: ParentNode | null = node; at !== null; at = at.parent) if (containers.has(at)) return true
  return false
}

/** Smaller lists beside the best one are boxes of a page's margin. */
const minShare = 0.5

/** Whether a further list of the page is news as much as the best one: front pages have several. */
function isAlsoNews(other: ScoredFamily, best: ScoredFamily): boolean {
  const { family } = other
  if (family.rows.length < 3 || family.rows.length < best.family.rows.length * minShare) return false
  if (other.context < best.context || other.titles < best.titles * 0.75) return false
  if (family.rows.length / family.containers.length < 2) return false
  if (best.dated >= 0.5) return other.dated >= 0.5
  // Without dates only a list of the same build is sure to be of the same kind.
  return tagsOnly(family.signature) === tagsOnly(best.family.signature)
}

function tagsOnly(signature: string): string {
  return signature.replaceAll(/\.[^>]*/g, '')
}

function byUrl(rows: readonly Row[]): Row[] {
  const kept = new Map<string, Row>()
  for (const row of rows) if (!kept.has(row.url)) kept.set(row.url, row)
  return [...kept.values()]
}

/** Headlines that stand above a list reach so many elements up from it, and are among the nearest blocks. */
const headlineReach = 2
const nearestBlocks = 6
/** A block with more elements is a part of the page, not a headline. */
const maxHeadlineElements = 60

/** The links of a block, unless it is too large for a headline's. */
function linksIn(block: Element, byElement: ReadonlyMap<Element, Candidate>): Candidate[] {
  const found: Candidate[] = []
  let visited = 0
  for (const element of elementsIn(block)) {
    if (++visited > maxHeadlineElements) return []
    const candidate = byElement.get(element)
    if (candidate) found.push(candidate)
  }
  const own = byElement.get(block)
  return own === undefined ? found : [own, ...found]
}

/** Rows for large headlines before the list, in blocks with hardly another link. */
function headlinesOf(best: Family, candidates: readonly Candidate[]): Row[] {
  const urls = new Set(best.rows.map(({ url }) => url))
  const byElement = new Map(candidates.map((candidate) => [candidate.element, candidate]))
  const headlines: Row[] = []
  let above: ParentNode | null = best.containers[0] ?? null
  for (let climbed = 0; climbed < headlineReach && above !== null && isTag(above); climbed++) {
    let blocks = 0
    for (let block = above.prev; block !== null && blocks < nearestBlocks; block = block.prev) {
      if (!isTag(block)) continue
      blocks++
      if (block.name === 'nav' || block.name === 'header') continue
      const inside = linksIn(block, byElement)
      const headline = inside.find(({ element, weight }) => weight >= 8 && hasHeading(element, block))
      if (headline === undefined || urls.has(headline.url) || addressWeight(headline.url) < 0.8) continue
      if (new Set(inside.map(({ url }) => url)).size > 2) continue
      const { element, order, url, title } = headline
      headlines.push({ container: block, nodes: [block], link: element, order, url, title })
    }
    above = above.parent
  }
  return headlines.slice(0, 3)
}

function hasHeading(element: Element, block: Element): boolean {
  if (element.children.some((child) => isTag(child) && isHeading(child))) return true
  for (let at: ParentNode | null = element; at !== null && isTag(at); at = at.parent) {
    if (isHeading(at)) return true
    if (at === block) break
  }
  return false
}

/**
 * The rows of the page's news, in the page's order.
 * @param isPaged whether the page goes on: then it is the page of one list, not a front page with several
 */
export function chooseRows(families: readonly Family[], candidates: readonly Candidate[], isPaged: boolean): Row[] {
  const contexts: Contexts = new Map()
  const scored = families
    .map((family) => scoreFamily(family, contexts))
    .toSorted((a, b) => b.score - a.score || a.family.signature.length - b.family.signature.length)
  const [best, ...others] = scored
  if (best === undefined) return []
  const chosen = [best.family]
  const taken = new Set(best.family.rows.map(({ url }) => url))
  const inside = new Set(best.family.containers)
  for (const other of isPaged ? [] : others) {
    const overlap = other.family.rows.filter(({ url }) => taken.has(url)).length
    if (overlap > 0 || !isAlsoNews(other, best)) continue
    if (other.family.containers.some((container) => isInside(container, inside))) continue
    chosen.push(other.family)
    for (const container of other.family.containers) inside.add(container)
    for (const { url } of other.family.rows) taken.add(url)
  }
  const rows = [...chosen.flatMap((family) => family.rows), ...headlinesOf(best.family, candidates)]
  return byUrl(rows.toSorted((a, b) => a.order - b.order))
}
