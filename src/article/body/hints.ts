import type { Element } from 'domhandler'

// Names that authors of pages give to parts that are not the text. Pinyin as well as English: 相关, 推荐, 评论, 分享.
const strong =
  /(?:^|[-_\s\d])(?:comments?|commentlist|commentarea|cmt|pinglun|reply|replies|respond|disqus|share|shares|sharing|fenxiang|bdshare|social|sns|relate|related|relation|xiangguan|xgwz|xgyd|xgxw|recommend|recommends|recommended|recommendation|recirc|tuijian|ranking|paihang|sidebar|sidenav|rightbar|footer|footers|dibu|nav|navi|navbar|navigation|daohang|menu|menus|submenu|crumbs?|breadcrumbs?|copyright|banquan|disclaimer|shengming|ads?|adbox|advert|advertisement|advertising|guanggao|sponsor|sponsored|promo|promos|promotion|signup|signin|newsletter|popup|modal|dialog|mask|wallet|vip|toast|tooltip|overlay|cookie|cookies|consent|qrcode|erweima|friendlink|toolbar|toolbox|outbrain|taboola|teaser|trending|mostread|readmore|jiucuo|pagination|pager|fenye|authorbio|dropdown)(?=$|[-_\s\d])/
const weak =
  /(?:^|[-_\s\d])(?:tj|hot|hots|rank|side|aside|right|foot|bottom|path|location|position|weizhi|copy|declare|banner|login|register|search|sousuo|tags?|keywords?|pages|paging|tools?|subscribe|weixin|scan|links?|more|next|prev|previous|author|bio|widget|popular|latest|download|app|print|feedback|error|vote|digg|praise|like|stats|counter|video|player|gallery|slideshow|list)(?=$|[-_\s\d])/
const positive =
  /(?:^|[-_\s\d])(?:article|articles|content|contents|contenttext|body|articlebody|text|txt|entry|post|main|maincontent|detail|details|zoom|story|neirong|zhengwen|wenzhang|editor|richtext|news|newscontent|artical|zw|xl|conn?|cnt|paragraph|prose)(?=$|[-_\s\d])/
const negativeNames = new Set(['nav', 'footer', 'menu'])
const positiveNames = new Set(['article', 'main'])

/** `articleContent`, `ArticleBox` and `TRS_Editor` as words. */
const words = (names: string) => names.replace(/([a-z\d])([A-Z])/g, '$1-$2').toLowerCase()

/** A box that holds more than this share of a page's running text is not what its name says. */
const dominantShare = 0.5

/**
 * What the element's name, class and id say about its content.
 * `share`: how much of the page's running text it holds; a layout may be called "with-sidebar".
 * @returns -1 (a footer) to 1 (an article's text); that of the element around it where it says nothing itself
 */
export function hintOf(element: Element, outer: number, share: number): number {
  const { name, attribs } = element
  if (name === 'body' || name === 'html') return 0
  const isMost = share > dominantShare
  if (negativeNames.has(name)) return -1
  if (name === 'aside') return isMost ? outer : -0.8
  const { class: className, id, role, itemprop } = attribs
  if (itemprop === 'articleBody') return 1
  if (role === 'navigation' || role === 'contentinfo' || role === 'complementary') return isMost ? outer : -1
  if (positiveNames.has(name) && outer >= 0) return Math.max(outer, 0.6)
  if (className === undefined && id === undefined) return outer
  const { isStrong, isWeak, isPositive } = kindOf(
    id === undefined ? (className ?? '') : className === undefined ? id : `${className} ${id}`,
  )
  if (!isMost) {
    if (isStrong) return isPositive ? Math.min(outer, -0.5) : -0.9
    if (isWeak) return isPositive ? Math.min(outer, 0) : outer > 0 ? -0.3 : Math.min(outer, -0.5)
  }
  if (isPositive) return outer < 0 ? outer / 2 : Math.max(outer, 0.5)
  return outer
}

interface NameKind {
  readonly isStrong: boolean
  readonly isWeak: boolean
  readonly isPositive: boolean
}

/** A page uses the same few hundred names again and again; so does the next page of the same source. */
const kinds = new Map<string, NameKind>()
const mostKinds = 5000

function kindOf(names: string): NameKind {
  const known = kinds.get(names)
  if (known) return known
  const split = words(names.slice(0, 300))
  const kind = { isStrong: strong.test(split), isWeak: weak.test(split), isPositive: positive.test(split) }
  if (kinds.size >= mostKinds) kinds.clear()
  // A copy: the name is a piece of its page's source, all of which it would keep in memory.
  kinds.set(Array.from(names).join(''), kind)
  return kind
}
