import type { Announcement } from './announcement.ts'
import { dateOf, escapeMarkup, minuteOf, readStylesheet, relatedTo, shortened } from './markup.ts'
import { emblemSvg } from './picture.ts'
import { etagOf, fileReply, textReply, type Reply, type Route, type Routes } from './reply.ts'

export const ministryName = '演示商贸部'
export const ministryListingPath = '/xwfb/index.html'

/** Small enough that the list goes over several pages. */
const itemsPerPage = 7

/** The style that word processors' texts get in many ministries' editors. */
const paragraphStyle = 'font-size:16px;margin-top:15px;line-height:25px;text-indent:30px;display:block'

interface ListEntry {
  readonly path: string
  readonly title: string
  readonly date: string
}

/** Stands in the list and robots.txt forbids it. */
const forbiddenEntry: ListEntry = {
  path: '/neibu/201911/t20191106_9001.html',
  title: '部机关办公系统升级期间暂停服务的通知',
  date: '2019-11-06',
}

/** Stands in the list and its page is gone. */
const deadEntry: ListEntry = {
  path: '/xwfb/201910/t20191018_2990.html',
  title: '关于征集商贸流通典型案例的预通知',
  date: '2019-10-18',
}

export function ministryPath(announcement: Announcement): string {
  const day = dateOf(announcement).replaceAll('-', '')
  return `/xwfb/${day.slice(0, 6)}/t${day}_${announcement.id}.html`
}

/** The ministry: UTF-8, list pages linked by 下一页, texts in styled spans, ETag and Last-Modified. */
export function ministryRoutes(announcements: readonly Announcement[]): Routes {
  const entries = listEntries(announcements)
  const pages = Math.ceil(entries.length / itemsPerPage)
  const newest = new Date(announcements[0]?.publishedAt ?? 0)
  const side = sideColumn(announcements)
  const routes = new Map<string, Route>([
    ['/', () => page({ title: '首页', main: homeMain(entries), lastModified: newest, side })],
    ['/xwfb/', () => listPage({ entries, index: 0, lastModified: newest, side })],
    ['/gywm.html', () => page({ title: '关于本站', main: aboutMain, lastModified: newest })],
    ['/robots.txt', () => textReply('text/plain', 'User-agent: *\nDisallow: /neibu/\n')],
    ['/css/site.css', () => fileReply('text/css', readStylesheet('ministry'))],
    ['/images/logo.svg', () => fileReply('image/svg+xml', emblemSvg('#a3121a', '商'))],
    [forbiddenEntry.path, () => page({ title: forbiddenEntry.title, main: forbiddenMain, lastModified: newest })],
  ])
  for (let index = 0; index < pages; index++)
    routes.set(listPath(index), () => listPage({ entries, index, lastModified: newest, side }))
  for (const announcement of announcements) {
    const reply = () =>
      page({
        title: announcement.title,
        main: articleMain(announcement, announcements),
        lastModified: new Date(announcement.publishedAt),
        side,
      })
    routes.set(ministryPath(announcement), reply)
  }
  return routes
}

export const ministryNotFound: Reply = {
  ...page({ title: '页面不存在', main: '<p>您访问的页面不存在或已被删除。</p>', lastModified: new Date(0) }),
  status: 404,
}

function listEntries(announcements: readonly Announcement[]): readonly ListEntry[] {
  const entries = announcements.map((announcement) => ({
    path: ministryPath(announcement),
    title: announcement.title,
    date: dateOf(announcement),
  }))
  return [...entries, forbiddenEntry, deadEntry].toSorted((a, b) => b.date.localeCompare(a.date))
}

function listPath(index: number): string {
  return index === 0 ? ministryListingPath : `/xwfb/index_${index}.html`
}

interface ListPageParts {
  readonly entries: readonly ListEntry[]
  /** From 0. */
  readonly index: number
  readonly lastModified: Date
  readonly side: string
}

function listPage({ entries, index, lastModified, side }: ListPageParts): Reply {
  const last = Math.ceil(entries.length / itemsPerPage) - 1
  const shown = entries.slice(index * itemsPerPage, (index + 1) * itemsPerPage)
  const pager = [
    `<span>共${entries.length}条　第${index + 1}页/共${last + 1}页</span>`,
    pagerLink('首页', 0),
    index > 0 ? pagerLink('上一页', index - 1) : '<span class="off">上一页</span>',
    index < last ? pagerLink('下一页', index + 1) : '<span class="off">下一页</span>',
    pagerLink('尾页', last),
  ]
  const main = `<div class="crumbs">您的位置：<a href="/">首页</a> &gt; 新闻发布</div>
<ul class="news-list">
${shown.map(listItem).join('\n')}
</ul>
<div class="pager">${pager.join(' ')}</div>`
  return page({ title: index === 0 ? '新闻发布' : `新闻发布 第${index + 1}页`, main, lastModified, side })
}

function pagerLink(text: string, index: number): string {
  return `<a href="${listPath(index)}">${text}</a>`
}

function listItem({ path, title, date }: ListEntry): string {
  return `<li><a href="${path}" target="_blank" title="${escapeMarkup(title)}">${escapeMarkup(title)}</a><span>${date}</span></li>`
}

/** Links to announcements beside every text, under titles that are cut off. */
function sideColumn(announcements: readonly Announcement[]): string {
  const links = announcements
    .filter((_, index) => index % 4 === 1)
    .map((hot) => `<li><a href="${ministryPath(hot)}">${escapeMarkup(shortened(hot.title, 16))}</a></li>`)
  return `<div class="side"><h3>热点关注</h3><ul>${links.join('')}</ul><h3>政务新媒体</h3><p>扫一扫关注“演示商贸部”公众号</p></div>`
}

function homeMain(entries: readonly ListEntry[]): string {
  return `<h2>最新发布</h2>
<ul class="news-list">
${entries.slice(0, 5).map(listItem).join('\n')}
</ul>
<p class="more"><a href="${ministryListingPath}">更多&gt;&gt;</a></p>`
}

const aboutMain = `<h1>关于本站</h1>
<p>${ministryName}并不存在。本站是 Newsfold 演示的一部分，全部文字均为虚构。</p>`

const forbiddenMain = `<h1>${forbiddenEntry.title}</h1>
<p>本页仅供内部使用，robots.txt 不允许程序读取。</p>`

function articleMain(announcement: Announcement, all: readonly Announcement[]): string {
  const { title, publishedAt, origin, editor } = announcement
  const related = relatedTo(announcement, all, 3).map((other) => {
    const name = escapeMarkup(other.title)
    return `<li><a href="${ministryPath(other)}">${name}</a><em>(${dateOf(other)})</em></li>`
  })
  return `<div class="crumbs">您的位置：<a href="/">首页</a> &gt; <a href="${ministryListingPath}">新闻发布</a> &gt; 正文</div>
<h1 class="art-title">${escapeMarkup(title)}</h1>
<div class="art-info"><span>${minuteOf(publishedAt)}</span>${origin === undefined ? '' : `　<span>来源：${escapeMarkup(origin)}</span>`}　<span>字体：<a href="javascript:void(0)">大</a> <a href="javascript:void(0)">中</a> <a href="javascript:void(0)">小</a></span></div>
<div class="art-con" id="zoom">
${announcement.paragraphs.map(spanParagraph).join('')}
</div>
${editor === undefined ? '' : `<div class="art-editor">（责任编辑：${escapeMarkup(editor)}）</div>`}
<div class="art-tools"><a href="javascript:window.print()">打印本页</a> <a href="javascript:window.close()">关闭窗口</a> <span>分享到：</span><a href="javascript:void(0)">微信</a> <a href="javascript:void(0)">微博</a></div>
<div class="related"><h3>相关阅读</h3><ul>${related.join('')}</ul></div>`
}

function spanParagraph(text: string, index: number): string {
  // Editors leave such empty spans behind; one in each text is enough to trip a reader.
  const spacer = index % 5 === 0 ? styledSpan('') : ''
  return styledSpan(escapeMarkup(text)) + spacer
}

function styledSpan(content: string): string {
  return `<div><span style='${paragraphStyle}'> 　　${content}</span></div><div>&nbsp;</div>`
}

function page(parts: { title: string; main: string; lastModified: Date; side?: string }): Reply {
  const text = `<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeMarkup(parts.title)}_${ministryName}</title>
<link rel="icon" href="/images/logo.svg">
<link rel="stylesheet" href="/css/site.css">
</head>
<body>
<div class="top"><img src="/images/logo.svg" alt="${ministryName}" width="48" height="48"><strong>${ministryName}</strong><small>新闻办公室</small></div>
<div class="nav"><a href="/">首页</a><a href="${ministryListingPath}">新闻发布</a><a href="/gywm.html">关于本站</a></div>
<div class="main">
${parts.main}
</div>
${parts.side ?? ''}
<div class="footer">
<p>主办单位：${ministryName}　网站标识码：demo000001　演ICP备00000001号</p>
<p>Copyright © 2019 ${ministryName} 版权所有　<a href="/gywm.html">网站声明</a></p>
</div>
</body>
</html>
`
  return { ...textReply('text/html', text), etag: etagOf(text), lastModified: parts.lastModified }
}
