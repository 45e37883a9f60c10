import type { Announcement } from './announcement.ts'
import { dateOf, escapeMarkup, minuteOf, readStylesheet, relatedTo } from './markup.ts'
import { chartSvg, emblemSvg } from './picture.ts'
import { changedAt, portalRss, summaryOf } from './portal-feed.ts'
import { etagOf, fileReply, textReply, type Reply, type Route, type Routes } from './reply.ts'

export const portalName = '晨讯网'
export const portalListingPath = '/rss/news.xml'

const adverts = [
  '晨讯网客户端全新上线，扫码下载',
  '青澜国际马拉松报名进行中',
  '秋季书展满百减二十',
  '学一门乐器，从周末开始',
]

export function portalPath(announcement: Announcement): string {
  const [year, month, day] = dateOf(announcement).split('-')
  return `/${year}-${month}/${day}/c_${announcement.id}.htm`
}

export interface PortalContent {
  /** Without a slash at its end. */
  readonly baseUrl: string
  /** Asked at each request: a correction shows at once. */
  readonly announcements: () => readonly Announcement[]
}

/** The portal: RSS as its listing, JSON-LD and Open Graph, HTTP caching, an advert that is another one each time. */
export function portalRoutes(content: PortalContent): Routes {
  const { baseUrl, announcements } = content
  const routes = new Map<string, Route>([
    ['/', (hit) => homePage(announcements(), hit)],
    [portalListingPath, () => feedReply(content)],
    ['/about.html', (hit) => page({ title: '关于我们', head: '', main: aboutMain, hit })],
    ['/robots.txt', () => textReply('text/plain', 'User-agent: *\nAllow: /\nDisallow: /search\n')],
    ['/css/portal.css', () => fileReply('text/css', readStylesheet('portal'))],
    ['/img/logo.svg', () => fileReply('image/svg+xml', emblemSvg('#c05621', '晨'))],
  ])
  for (const listed of announcements()) {
    const { id, pictures } = listed
    routes.set(portalPath(listed), (hit) => {
      const all = announcements()
      const now = all.find((announcement) => announcement.id === id)
      return now === undefined ? portalNotFound : articlePage(now, all, baseUrl, hit)
    })
    for (const { file } of pictures) {
      routes.set(picturePath(file), () => fileReply('image/svg+xml', chartSvg(Number(id))))
    }
  }
  return routes
}

export const portalNotFound: Reply = {
  ...page({ title: '404', head: '', main: '<p>抱歉，您访问的页面不存在。</p>', hit: 0 }),
  status: 404,
}

function picturePath(file: string): string {
  return `/img/2019/${file}`
}

function feedReply({ baseUrl, announcements }: PortalContent): Reply {
  const listed = announcements()
  const text = portalRss({
    name: portalName,
    homeUrl: `${baseUrl}/`,
    announcements: listed,
    urlOf: (announcement) => baseUrl + portalPath(announcement),
  })
  const newest = listed.map(changedAt).toSorted().at(-1)
  return {
    ...textReply('application/rss+xml', text),
    etag: etagOf(text),
    ...(newest === undefined ? {} : { lastModified: new Date(newest) }),
    cacheControl: 'public, max-age=5',
  }
}

function homePage(announcements: readonly Announcement[], hit: number): Reply {
  const items = announcements.map(
    (announcement) =>
      `<li><a href="${portalPath(announcement)}">${escapeMarkup(announcement.title)}</a><time>${dateOf(announcement)}</time></li>`,
  )
  const head = `<link rel="alternate" type="application/rss+xml" title="${portalName}" href="${portalListingPath}">`
  return page({ title: '首页', head, main: `<h2>滚动新闻</h2>\n<ul class="rolling">\n${items.join('\n')}\n</ul>`, hit })
}

const aboutMain = `<h1>关于我们</h1>
<p>${portalName}并不存在。本站是 Newsfold 演示的一部分，全部文字均为虚构，文中署名的通讯社与此无关。</p>`

function articlePage(announcement: Announcement, all: readonly Announcement[], baseUrl: string, hit: number): Reply {
  const { title, publishedAt, modifiedAt, origin, byline, editor, pictures, paragraphs } = announcement
  const related = relatedTo(announcement, all, 4).map(
    (other) => `<li><a href="${portalPath(other)}">${escapeMarkup(other.title)}</a></li>`,
  )
  const figures = pictures.map(
    ({ file, alt }) =>
      `<figure><img src="${picturePath(file)}" alt="${escapeMarkup(alt)}" width="600" height="360"></figure>`,
  )
  const main = `<nav class="crumbs"><a href="/">${portalName}</a> &gt; 正文</nav>
<article>
<h1>${escapeMarkup(title)}</h1>
<div class="info"><time datetime="${publishedAt}">${minuteOf(publishedAt)}</time> <span>来源：${escapeMarkup(origin ?? portalName)}</span>${byline === undefined ? '' : ` <span>作者：${escapeMarkup(byline)}</span>`}${modifiedAt === null ? '' : ` <span>更新时间：${minuteOf(modifiedAt)}</span>`} <span class="share">分享到：<a href="javascript:void(0)">微信</a><a href="javascript:void(0)">微博</a><a href="javascript:void(0)">QQ空间</a></span></div>
<div class="article-content">
${figures.join('\n')}
${paragraphs.map((text) => `<p>　　${escapeMarkup(text)}</p>`).join('\n')}
</div>
<div class="zeren">【纠错】 责任编辑：${escapeMarkup(editor ?? '晨讯编辑部')}</div>
</article>
<aside class="related"><h3>相关新闻</h3><ul>${related.join('')}</ul></aside>
<section class="comments"><h3>网友评论</h3><form><textarea rows="3" placeholder="文明上网，理性发言"></textarea><button type="button">发表</button></form><p>登录后可以参与评论，评论仅代表网友个人观点。</p></section>`
  const reply = page({ title, head: articleHead(announcement, baseUrl), main, hit })
  return {
    ...reply,
    // Weak, since the advert differs each time and the article does not.
    etag: `W/${etagOf(JSON.stringify([baseUrl, announcement]))}`,
    lastModified: new Date(changedAt(announcement)),
    cacheControl: 'public, max-age=60',
  }
}

function articleHead(announcement: Announcement, baseUrl: string): string {
  const { title, publishedAt, byline, pictures } = announcement
  const url = baseUrl + portalPath(announcement)
  const image = pictures[0] === undefined ? undefined : baseUrl + picturePath(pictures[0].file)
  const summary = summaryOf(announcement)
  const properties = [
    ['og:type', 'article'],
    ['og:site_name', portalName],
    ['og:title', title],
    ['og:url', url],
    ['og:description', summary],
    ...(image === undefined ? [] : [['og:image', image]]),
    ['article:published_time', publishedAt],
    ['article:modified_time', changedAt(announcement)],
  ].map(([name = '', value = '']) => `<meta property="${name}" content="${escapeMarkup(value)}">`)
  const jsonLd = {
    '@context': 'https://schema.org',
    '@type': 'NewsArticle',
    headline: title,
    mainEntityOfPage: url,
    datePublished: publishedAt,
    dateModified: changedAt(announcement),
    author: { '@type': 'Organization', name: byline ?? portalName },
    publisher: { '@type': 'Organization', name: portalName },
    ...(image === undefined ? {} : { image: [image] }),
  }
  return `<meta name="description" content="${escapeMarkup(summary)}">
<link rel="canonical" href="${url}">
${properties.join('\n')}
<script type="application/ld+json">${JSON.stringify(jsonLd).replaceAll('<', '\\u003c')}</script>`
}

function page(parts: { title: string; head: string; main: string; hit: number }): Reply {
  const advert = adverts[parts.hit % adverts.length]
  const text = `<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeMarkup(parts.title)}-${portalName}</title>
${parts.head}
<link rel="icon" href="/img/logo.svg">
<link rel="stylesheet" href="/css/portal.css">
</head>
<body>
<header><img src="/img/logo.svg" alt="" width="40" height="40"><b>${portalName}</b><nav><a href="/">首页</a> <a href="${portalListingPath}">RSS</a> <a href="/about.html">关于我们</a></nav></header>
<div class="ad" id="ad-top"><a href="/about.html" rel="nofollow">广告　${advert}</a></div>
<main>
${parts.main}
</main>
<div class="ad" id="ad-bottom"><a href="/about.html" rel="nofollow">推广　${advert}</a></div>
<footer><p>${portalName}版权所有，未经书面授权不得转载　演ICP备00000003号</p><p>Copyright © 2008-2019 ${portalName}</p></footer>
</body>
</html>
`
  return textReply('text/html', text)
}
