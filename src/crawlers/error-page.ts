import type { Article } from '../model/article.ts'

/** Pages of servers that answer 200 and mean 404. */
const goneWords =
  /(?:页面|頁面|网页|内容|文章|信息|稿件|文件|资源)(?:不存在|未找到|找不到|没有找到|已(?:经)?(?:被)?(?:删除|下线|移除|过期))|(?:访问|查看|浏览|要找|请求|查找)的(?:页面|网页|内容|信息|文章|地址)(?:不存在|可能|已|无法)|(?:page|file|document|article) (?:was |could )?not (?:be )?found|\b404\b.{0,20}(?:not found|error|错误|页面)|no longer (?:available|exists)|找不到(?:该|此|您|页面)/i

/** Pages of servers that answer 200 and mean 5xx. */
const failingWords =
  /系统(?:错误|异常|出错|繁忙|维护|升级)|服务器(?:错误|出错|繁忙|内部错误|维护|异常)|数据库(?:连接|错误|异常)|程序(?:出错|异常|错误)|网站(?:正在)?(?:维护|升级|建设)中?|访问(?:出错|异常|过于频繁)|出错了|internal server error|service (?:is )?(?:temporarily )?unavailable|(?:database|runtime|application|server) error|bad gateway|gateway time-?out|(?:under|down for) maintenance|java\.lang\.|SQLException|fatal error:|stack trace/i

/** An article that tells of an error is longer than an error. */
const longestError = 150
/** With a title that says nothing else, a page may explain itself. */
const longestExplained = 500
const longestTitle = 24

/** What a page that came as 200 is when it is an error in truth; `null` when it is an article. */
export function errorPageOf({ title, bodyText }: Pick<Article, 'title' | 'bodyText'>): 'gone' | 'failing' | null {
  const heading = title ?? ''
  const isExplained = heading.length <= longestTitle && (goneWords.test(heading) || failingWords.test(heading))
  if (bodyText.length > (isExplained ? longestExplained : longestError)) return null
  // A notice of two lines about a system's maintenance has a title that is longer than an error's.
  if (!isExplained && heading.length > longestTitle) return null
  const text = `${heading}\n${bodyText}`
  if (goneWords.test(text) || /^404\b/.test(heading)) return 'gone'
  return failingWords.test(text) ? 'failing' : null
}
