import type { Element } from 'domhandler'

// Names that authors of pages give to parts that are not the text. Pinyin as well as English: 相关, 推荐, 评论, 分享.
const negative =
  /(?:^|[-_\s\d])(?:comments?|cmt|pinglun|reply|replies|respond|disqus|share|sharing|fenxiang|bdshare|social|sns|related|relate|relation|xiangguan|xgwz|xgyd|recommends?|recommendation|tuijian|tj|hot|hots|rank|ranking|paihang|side|sidebar|sidenav|aside|right|rightbar|foot|footer|footers|bottom|dibu|nav|navi|navbar|navigation|daohang|menu|menus|submenu|crumbs?|breadcrumbs?|path|location|position|weizhi|copyright|copy|banquan|disclaimer|declare|shengming|ads?|advert|advertisement|advertising|guanggao|sponsor|sponsored|promo|promos|promotion|banner|login|register|signup|signin|search|sousuo|tags?|keywords?|pager|pagination|pages|paging|fenye|toolbar|tools?|tool|subscribe|newsletter|popup|modal|overlay|cookie|cookies|consent|qrcode|erweima|weixin|scan|friendlink|links?|more|next|prev|previous|author|authorbio|bio|widget|outbrain|taboola|teaser|trending|popular|latest|mostread|readmore|download|app|print|feedback|error|jiucuo|vote|digg|praise|like|stats|counter)(?=$|[-_\s\d])/
const positive =
  /(?:^|[-_\s\d])(?:article|articles|content|contents|contenttext|body|articlebody|text|txt|entry|post|main|maincontent|detail|details|zoom|story|neirong|zhengwen|wenzhang|editor|richtext|news|newscontent|artical|zw|xl|conn?|cnt|paragraph|prose)(?=$|[-_\s\d])/
const negativeNames = new Set(['nav', 'footer', 'aside', 'menu'])
const positiveNames = new Set(['article', 'main'])

/** `articleContent`, `ArticleBox` and `TRS_Editor` as words. */
const words = (names: string) => names.replace(/([a-z\d])([A-Z])/g, '$1-$2').toLowerCase()

/**
 * What the element's name, class and id say about its content.
 * @returns -1 to 1; that of the element around it where it says nothing itself
 */
export function hintOf(element: Element, outer: number): number {
  const { name, attribs } = element
  if (name === 'body' || name === 'html') return 0
  if (negativeNames.has(name)) return Math.min(outer, name === 'aside' ? -0.5 : -1)
  const { class: className, id, role, itemprop } = attribs
  if (itemprop === 'articleBody') return 1
  if (role === 'navigation' || role === 'contentinfo' || role === 'complementary') return -1
  if (positiveNames.has(name) && outer >= 0) return Math.max(outer, 0.6)
  if (className === undefined && id === undefined) return outer
  const names = words(`${className ?? ''} ${id ?? ''}`)
  const isNegative = negative.test(names)
  const isPositive = positive.test(names)
  if (isNegative && isPositive) return Math.min(outer, 0)
  // The text may lie inside of a badly named box, but what is badly named inside of a text is not the text.
  if (isNegative) return outer > 0 ? -0.3 : -0.6
  if (isPositive) return outer < 0 ? outer / 2 : Math.max(outer, 0.5)
  return outer
}
