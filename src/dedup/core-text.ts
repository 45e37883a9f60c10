import { foldCharacters } from './normalize-text.ts'

/** A text without what a reprint adds or leaves out. */
export interface CoreText {
  /** Folded paragraphs of the announcement itself, in order. */
  readonly paragraphs: readonly string[]
  /** Whether the text breaks off: an ellipsis, `详情>>`, `read more`. */
  readonly isCut: boolean
  /** How many separate items the text looks like: numbered or headed paragraphs; 0 or 1 for an ordinary report. */
  readonly items: number
}

/** Longest line that may be a label line; a longer one with the same beginning is a paragraph that happens to begin so. */
const maxLabelLine = 140

/** Lines that name people, sources and rights, and calls to subscribe or share: the page's words, not the announcement's. */
const labelLine =
  /^[\s([{<>*]*(?:(?:责任|值班|本文|本期|网络|文字|图片|执行|实习|新媒体)?(?:责编|编辑|编审|编委|主编|审核|审校|校对|监制|统筹|策划|初审|复审|终审|签发|编发)|(?:稿件|信息|文章|新闻|图片|资料|本文)?(?:来源|稿源|出处)|作者|撰稿|撰文|供稿|摄影|图\/文|文\/图|原标题|原题|(?:版权|免责|特别|郑重|重要)?(?:声明|宣告|提示|说明)|风险提示|纠错|关键词|标签|上一篇|下一篇|返回|打印|分享|收藏|扫码|扫一扫|扫描|长按|点击(?:下载|关注|查看|进入|阅读)|点选|下载客户端|关注(?:我们|官方|微信)|更多(?:精彩|资讯|内容|新闻)|(?:推荐|相关|延伸|扩展|往期)(?:阅读|新闻|链接|文章|专题|推荐|回顾)|editors?|edited by|source|via|image credit|photo|share this|read more|related|copyright|©)(?:\s*[:\])|/]|\s*$|[^:]{0,14}[:,]|\s+\S)/
const labelEnd = /[([](?:责任编辑|责编|编辑|原标题|来源|记者|作者|责任校对)\s*[:/ ][^)\]]{1,40}[)\]]\s*$/

/** Headings of what a company says of itself, its forward-looking words and its press office under every release. */
const boilerplateStart =
  /^[\s[(*#]*(?:关于(?!.{0,30}(?:通知|公告|通报|意见|决定|办法|批复|函|方案|规定))[^:,.;!?\n]{1,24}(?::|\])|关于[^:,.;!?\s]{2,12}\s*$|(?:公司|企业|集团|单位|品牌|机构)(?:简介|介绍|背景|概况)|(?:前瞻性|安全港)[^:,.]{0,6}(?:声明|陈述|宣告|说明)|(?:媒体|新闻|投资者|媒介)(?:联系|联络|垂询|咨询|查询|关系|问询)|about\s+(?:us\b|the\s+company|[\w .,&'()-]{2,60}\s*(?::|$))|forward[- ]looking|safe harbou?r|cautionary (?:note|statement)|(?:media|press|investor)s?\s+(?:contact|relations|inquir|enquir)|contacts?\s*:|notes? to editors|(?:company|corporate) profile)/

const cutEnd =
  /(?:\.{2,}|…+|·{3,}|-{3,})\s*[[(]?\s*(?:详情|详细|全文|更多|查看|点击|阅读|展开|read more|more|continue)?[^.\n]{0,8}[>»\])]*\s*$|(?:详情|查看全文|阅读全文|阅读原文|展开全文|点击查看|\[更多\]|read more|continue reading|full story)\s*[>»\])]*\s*$/

const enumerated =
  /^(?:\d{1,2}\s*[、.)]\s*(?!\d)|[一二三四五六七八九十]{1,3}\s*[、.]|\([一二三四五六七八九十\d]{1,2}\)|[●■◆▶▲◎★•▪►]\s*|\[[^\]]{4,40}\])/
const endsSentence = /[.!?;…"”』」)]\s*$/

/**
 * The announcement inside a page's text: dateline, label lines, calls to subscribe and company boilerplate taken away.
 * When nothing would be left, the whole text is the core.
 */
export function coreText(bodyText: string): CoreText {
  const folded = foldCharacters(bodyText)
  const all = folded.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]))
  const isCut = cutEnd.test(lastBody(all))
  const kept = withoutBoilerplate(all).filter((line) => !isLabelLine(line))
  const core = kept.length === 0 ? all : kept
  const paragraphs = core
    .map((line, index) => (index === 0 ? withoutDateline(line) : line))
    .map((line) => line.replace(labelEnd, ''))
  return { paragraphs, isCut, items: countItems(core) }
}

function isLabelLine(line: string): boolean {
  return line.length <= maxLabelLine && labelLine.test(line)
}

function lastBody(paragraphs: readonly string[]): string {
  return paragraphs.findLast((line) => !isLabelLine(line)) ?? ''
}

/** A heading alone on its line speaks for the paragraphs below it; a run-in heading for its own paragraph. */
function withoutBoilerplate(paragraphs: readonly string[]): string[] {
  const kept: string[] = []
  let isUnderHeading = false
  for (const [index, line] of paragraphs.entries()) {
    // The first paragraph is the news, whatever it begins with.
    const starts = index > 0 && boilerplateStart.test(line.slice(0, 90))
    if (starts) isUnderHeading = line.length <= 40
    if (!starts && !isUnderHeading) kept.push(line)
    if (!starts && line.length > 40) isUnderHeading = false
  }
  return kept
}

/** Agency, place, date and reporter in front of a report, in the orders that Chinese and English desks use. */
const datelines = [
  /^\s*[[(<][^\])>\n]{1,14}[\])>]\s*/,
  /^[^.!?\n]{0,16}?(?:社|网|报|台|讯|刊|客户端|频道)[^.!?,\n]{0,24}?(?:\d{1,2}月)?\d{1,2}日(?:上午|下午|晚)?(?:专?电|讯|消息|讯息|报道)\s*(?:[([][^)\]\n]{0,60}[)\]])?[\s,:]*/,
  /^[^.!?,\n]{0,12}?(?:\d{1,4}年)?\d{1,2}月\d{1,2}日(?:专?电|讯|消息|讯息)\s*(?:[([][^)\]\n]{0,60}[)\]])?[\s,:]*/,
  /^(?:本[报网刊台社]|快讯|\p{Script=Han}{2,6}(?:社|网|报|在线))[^.!?,:\n]{0,16}?(?:专?电|讯|消息|讯息|报道)\s*(?:[([][^)\]\n]{0,60}[)\]])?[\s,:]*/u,
  /^\((?:本报|本网|特约)?(?:记者|通讯员)[^)\n]{1,40}\)\s*/,
  /^据[^.!?,\n]{2,30}(?:报道|消息|讯息)[,:]\s*/,
  /^[a-z][a-z .,'/()\d]{2,80}?(?:\/\s*(?:--?|-)|\)\s*--?|\s--?)\s+/,
  /^[a-z][a-z .,']{2,40}\([a-z ]{2,30}\)\s*-\s*/,
]

/** A reprint may carry two: the portal's own tag before the agency's. */
const maxDatelines = 3

function withoutDateline(line: string): string {
  let rest = line
  for (let i = 0; i < maxDatelines; i++) {
    const found = datelines.find((pattern) => pattern.test(rest))
    if (!found) break
    rest = rest.replace(found, '')
  }
  // A line that is nothing but a dateline is left alone: there is more to a text than that.
  return rest.length < 8 ? line : rest
}

function countItems(paragraphs: readonly string[]): number {
  let numbered = 0
  let headed = 0
  for (const [index, line] of paragraphs.entries()) {
    if (enumerated.test(line)) numbered++
    const next = paragraphs[index + 1] ?? ''
    if (line.length <= 45 && !endsSentence.test(line) && next.length >= 60) headed++
  }
  return Math.max(numbered, headed)
}
