import { extname } from 'node:path'
import iconv from 'iconv-lite'
import type { Announcement } from './announcement.ts'
import { docFile, pdfFile } from './attachment-file.ts'
import { dateOf, escapeMarkup, minuteOf, readStylesheet, relatedTo, shortened } from './markup.ts'
import { blankGif, chartPng, emblemSvg } from './picture.ts'
import { fileReply, type Reply, type Route, type Routes } from './reply.ts'

export const cityName = '青澜市人民政府'
export const cityListingPath = '/zwgk/tzgg/index.htm'

export function cityPath(announcement: Announcement): string {
  const [year, month, day] = dateOf(announcement).split('-')
  return `/zwgk/tzgg/${year}-${month}/${day}/content_${announcement.id}.htm`
}

/** The city: GB18030 that only a `<meta>` declares, layout tables, attachments, lazy pictures, counters, no validators. */
export function cityRoutes(announcements: readonly Announcement[]): Routes {
  const left = leftColumn(announcements)
  const routes = new Map<string, Route>([
    ['/', (hit) => page({ title: '首页', main: listMain(announcements.slice(0, 6), '最新公告'), hit, left })],
    [cityListingPath, (hit) => page({ title: '通知公告', main: listMain(announcements, '通知公告'), hit, left })],
    ['/about.htm', (hit) => page({ title: '关于本站', main: aboutMain, hit })],
    ['/css/style.css', () => fileReply('text/css', readStylesheet('city'))],
    ['/images/blank.gif', () => fileReply('image/gif', blankGif)],
    ['/images/logo.svg', () => fileReply('image/svg+xml', emblemSvg('#1d5c9b', '澜'))],
  ])
  for (const announcement of announcements) {
    routes.set(cityPath(announcement), (hit) => articlePage(announcement, announcements, { hit, left }))
    for (const { file, name } of announcement.attachments) {
      routes.set(attachmentPath(file), () => attachmentReply(file, name))
    }
    announcement.pictures.forEach(({ file }, index) => {
      const reply = fileReply('image/png', chartPng(Number(announcement.id) + index))
      routes.set(picturePath(file), () => reply)
    })
  }
  return routes
}

export const cityNotFound: Reply = {
  ...page({ title: '404', main: '<p>您要找的页面不存在。</p>', hit: 0 }),
  status: 404,
}

function attachmentPath(file: string): string {
  return `/attachment/2019/${file}`
}

function picturePath(file: string): string {
  return `/images/2019/${file}`
}

function attachmentReply(file: string, name: string): Reply {
  return extname(file) === '.pdf'
    ? fileReply('application/pdf', pdfFile(name))
    : fileReply('application/msword', docFile(name))
}

function listMain(announcements: readonly Announcement[], heading: string): string {
  const rows = announcements.map((announcement) => {
    const link = `<a href="${cityPath(announcement)}" class="lan12">${escapeMarkup(announcement.title)}</a>`
    return `<tr><td width="20" align="center">·</td><td height="28">${link}</td><td width="110" align="right" class="hui">[${dateOf(announcement)}]</td></tr>`
  })
  return `<table width="100%" border="0" cellspacing="0" cellpadding="0">
<tr><td class="weizhi">当前位置：<a href="/">首页</a> &gt;&gt; <a href="${cityListingPath}">${heading}</a></td></tr>
<tr><td><table width="100%" border="0" cellspacing="0" cellpadding="0" class="liebiao">
${rows.join('\n')}
</table></td></tr>
<tr><td align="center" class="hui">共 ${announcements.length} 条　第 1/1 页</td></tr>
</table>`
}

const aboutMain = `<table width="100%"><tr><td class="biaoti">关于本站</td></tr><tr><td class="zhengwen">
<p>　　青澜市并不存在。本站是 Newsfold 演示的一部分，全部文字均为虚构。</p></td></tr></table>`

/** Services, and links to announcements under titles that are cut off. */
function leftColumn(announcements: readonly Announcement[]): string {
  const links = announcements
    .filter((_, index) => index % 3 === 2)
    .map((hot) => `<tr><td>·<a href="${cityPath(hot)}">${escapeMarkup(shortened(hot.title, 12))}</a></td></tr>`)
  const services = ['个人办事', '法人办事', '市长信箱', '表格下载'].map(
    (name) => `<tr><td align="center"><a href="/about.htm">${name}</a></td></tr>`,
  )
  return `<table width="100%" class="zuolan"><tr><td><b>便民服务</b></td></tr>${services.join('')}<tr><td><b>热点信息</b></td></tr>${links.join('')}</table>`
}

interface Surroundings {
  /** How often the page was asked for. */
  readonly hit: number
  readonly left?: string
}

function articlePage(announcement: Announcement, all: readonly Announcement[], around: Surroundings): Reply {
  const { title, publishedAt, origin } = announcement
  const related = relatedTo(announcement, all, 3).map((other) => {
    const name = escapeMarkup(other.title)
    return `<tr><td>·<a href="${cityPath(other)}">${name}</a> <font color="#999999">(${dateOf(other)})</font></td></tr>`
  })
  const info = [
    `发布时间：${minuteOf(publishedAt)}`,
    `来源：${escapeMarkup(origin ?? cityName)}`,
    `浏览次数：<font color="red">${(Number(announcement.id) % 900) + around.hit}</font>`,
  ]
  const main = `<table width="100%" border="0" cellspacing="0" cellpadding="0">
<tr><td class="weizhi">当前位置：<a href="/">首页</a> &gt;&gt; <a href="${cityListingPath}">通知公告</a> &gt;&gt; 正文</td></tr>
<tr><td align="center" class="biaoti">${escapeMarkup(title)}</td></tr>
<tr><td align="center" class="hui">${info.join('　')}　【字体：<a href="javascript:void(0)">大</a> <a href="javascript:void(0)">中</a> <a href="javascript:void(0)">小</a>】</td></tr>
<tr><td><hr size="1" color="#cccccc"></td></tr>
<tr><td class="zhengwen" id="zoom">
${body(announcement)}
</td></tr>
<tr><td align="right" class="hui">【<a href="javascript:window.print()">打印</a>】【<a href="javascript:window.close()">关闭</a>】【<a href="#top">返回顶部</a>】</td></tr>
<tr><td><table width="100%" class="xiangguan"><tr><td><b>相关信息</b></td></tr>${related.join('')}</table></td></tr>
</table>`
  const meta = [
    ['ArticleTitle', title],
    ['PubDate', minuteOf(publishedAt)],
    ['ContentSource', origin ?? cityName],
    ['ColumnName', '通知公告'],
  ] as const
  return page({ title, main, meta, ...around })
}

function body(announcement: Announcement): string {
  const texts = announcement.paragraphs.map((text) => `　　${escapeMarkup(text)}`)
  const pictures = announcement.pictures.map(
    ({ file, alt }) =>
      `<p align="center"><img src="/images/blank.gif" data-src="${picturePath(file)}" alt="${escapeMarkup(alt)}" width="320" height="180" border="0"></p>`,
  )
  const attachments = announcement.attachments.map(
    ({ file, name }) =>
      `<p>附件：<a href="${attachmentPath(file)}" target="_blank">${escapeMarkup(name)}${extname(file)}</a></p>`,
  )
  const [first = '', ...rest] =
    announcement.markup === 'breaks' ? [texts.join('<br><br>\n')] : texts.map((text) => `<p>${text}</p>`)
  return [first, ...pictures, ...rest, ...attachments].join('\n')
}

interface PageParts extends Surroundings {
  readonly title: string
  readonly main: string
  readonly meta?: ReadonlyArray<readonly [name: string, content: string]>
}

function page({ title, main, hit, left = '', meta = [] }: PageParts): Reply {
  const metas = meta.map(([name, content]) => `<meta name="${name}" content="${escapeMarkup(content)}">`)
  const text = `<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN" "http://www.w3.org/TR/html4/loose.dtd">
<html>
<head>
<meta http-equiv="Content-Type" content="text/html; charset=gb18030">
<title>${escapeMarkup(title)}-${cityName}门户网站</title>
${metas.join('\n')}
<link href="/css/style.css" rel="stylesheet" type="text/css">
<link href="/images/logo.svg" rel="icon" type="image/svg+xml">
</head>
<body>
<a name="top"></a>
<table width="960" border="0" align="center" cellpadding="0" cellspacing="0" class="kuang">
<tr><td class="banner"><img src="/images/logo.svg" width="44" height="44" alt="${cityName}"> <b>${cityName}</b></td></tr>
<tr><td class="daohang"><a href="/">网站首页</a> | <a href="${cityListingPath}">通知公告</a> | <a href="/about.htm">关于本站</a></td></tr>
<tr><td><table width="100%" border="0" cellpadding="0" cellspacing="0"><tr><td width="180" valign="top">${left}</td><td valign="top" class="neirong">
${main}
</td></tr></table></td></tr>
<tr><td align="center" class="dibu">主办：${cityName}办公室　承办：青澜市大数据中心<br>演ICP备00000002号　您是本页第 ${10_000 + hit} 位访客<br>更新日期：2019年11月12日</td></tr>
</table>
</body>
</html>
`
  return { status: 200, contentType: 'text/html', body: iconv.encode(text, 'gb18030') }
}
