import type { PageLink, PageLinks } from '../article/page-links.ts'
import { canonicalUrl } from '../dedup/canonical-url.ts'
import { siteOf } from './candidate.ts'

/** What sites call their lists of announcements, the likeliest first. The whole text of a link, spaces aside. */
const listNames: readonly (readonly [pattern: RegExp, score: number])[] = [
  [
    /^(?:新闻发布|新聞發布|新闻稿|新聞稿|新聞公報|新闻公报|信息发布|press ?releases?|news ?releases?|media ?releases?)$/i,
    10,
  ],
  [
    /^(?:通知公告|公告通知|公示公告|公告公示|通知公示|政务公告|公告栏|公告|通知|公示|announcements?|notices?|statements?)$/i,
    9,
  ],
  [/^(?:政务要闻|要闻|今日要闻|时政要闻|重要新闻|本部要闻|工作要闻|要闻动态|部门要闻|.{2,4}要闻)$/, 9],
  [/^(?:新闻动态|工作动态|政务动态|部门动态|最新动态|最新消息|最新公告|新闻资讯|公司新闻|企业新闻|集团新闻)$/, 8],
  [/^(?:news ?and ?media|news ?& ?media|latest ?news|all ?news|news ?archive|press ?room|news ?room|newsroom)$/i, 8],
  [/^(?:新闻中心|新闻|新聞|资讯|动态|消息|媒体中心|滚动新闻|即时新闻|news|press|media ?cent(?:er|re)|media)$/i, 7],
  [/^(?:政策文件|政策发布|法定主动公开内容|信息公开目录|政策法规|publications?|bulletins?|blog)$/i, 3],
  [/^(?:更多|more|查看更多|view all|see all).{0,8}$/i, 2],
]

/** Directories in which such lists stand. */
const listPaths =
  /\/(?:xwfb|xwzx|xwdt|xinwen|tzgg|gsgg|gonggao|zwyw|yw|ywdt|ywxw|gzdt|news|newsroom|press|press-?releases?|releases?|media|announcements?|notices?)(?:\/|$|_|\.)/i
const feedPaths = /(?:\/(?:rss|feed|atom)\/?$|\.(?:rss|atom)$|(?:rss|feed|atom)[\w-]*\.(?:xml|json|aspx|php)$)/i
const commentFeed = /comment|评论/i
/** Links of more characters are headlines. */
const longestName = 24

interface Likely extends PageLink {
  readonly score: number
}

/** Links of a page that are named as lists of announcements are, on the page's own site, the likeliest first. */
export function likelyLists(page: PageLinks, ownUrl: string): readonly PageLink[] {
  const own = siteOf(ownUrl)
  const found = new Map<string, Likely>()
  for (const { url, text } of page.links) {
    const name = text.replaceAll(/[\s>»›→+【】[\]]+/g, ' ').trim()
    if (name === '' || name.length > longestName || siteOf(url) !== own) continue
    const named = listNames.find(([pattern]) => pattern.test(name))?.[1] ?? 0
    const score = named + (listPaths.test(new URL(url).pathname) ? 2 : 0)
    const key = canonicalUrl(url)
    // A directory alone is the address of each of its articles as well.
    if (named === 0 || key === canonicalUrl(ownUrl) || score <= (found.get(key)?.score ?? 0)) continue
    found.set(key, { url, text: name, score })
  }
  return [...found.values()].toSorted((a, b) => b.score - a.score)
}

/** Feeds that a page names in its head, then those that it links to. */
export function likelyFeeds(page: PageLinks): readonly PageLink[] {
  const linked = page.links.filter(
    ({ url, text }) => /^(?:rss|atom|feed|rss订阅|订阅|xml)$/i.test(text) || feedPaths.test(new URL(url).pathname),
  )
  const found = new Map<string, PageLink>()
  for (const feed of [...page.feeds, ...linked]) {
    if (commentFeed.test(feed.url) || commentFeed.test(feed.text)) continue
    const url = feed.url.replace(/#.*$/s, '')
    if (!found.has(url)) found.set(url, { ...feed, url })
  }
  return [...found.values()]
}
