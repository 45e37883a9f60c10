import { seededRandom, vocabulary } from '../generated-story.ts'

interface Announcement {
  readonly title: string
  readonly bodyText: string
}

const random = seededRandom(7)
const words = vocabulary(random)

function sentence(length: number): string {
  return Array.from({ length }, () => words[Math.floor(random() ** 3 * words.length)] ?? '').join('')
}

/** Announcements have nothing but single words in common: none is another's copy. */
function announce(): Announcement {
  const paragraphs = Array.from({ length: 6 }, () => `${sentence(12)}，${sentence(10)}。`)
  return { title: `关于${sentence(4)}的公告`, bodyText: paragraphs.join('\n') }
}

const generated = new Map<string, Announcement>()

function storyOf(source: number, article: number): Announcement {
  const key = `${source}-${article}`
  const story = generated.get(key) ?? announce()
  generated.set(key, story)
  return story
}

/** As much as a ministry's page has around its text: menus, links, scripts. On 295 real pages the median is 37 kB. */
const furnitureItems = 220

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}

const menu = Array.from(
  { length: furnitureItems },
  (_, index) =>
    `<li class="item-${index % 7}"><a href="/channel/${index}/index.html" title="栏目${index}">栏目 ${index}</a></li>`,
)
const head =
  '<!DOCTYPE html><html lang="zh"><head><meta charset="utf-8"><link rel="stylesheet" href="/style/main.css">' +
  '<script>var site = { id: 1, name: "bench" }; function open(id) { return document.getElementById(id) }</script>'
const top = `<div class="top"><ul class="nav">${menu.slice(0, furnitureItems / 2).join('')}</ul></div>`
const foot = `<div class="foot"><ul class="links">${menu.slice(furnitureItems / 2).join('')}</ul><p>版权所有 未经许可不得转载</p></div>`

function dayOf(article: number): Date {
  return new Date(Date.UTC(2026, 0, 1) + (article % 300) * 86_400_000)
}

function stated(article: number): string {
  return `${dayOf(article).toISOString().slice(0, 10)} 09:30`
}

/** A page with one announcement, in 40 kB of markup. */
export function articlePage(source: number, article: number, isCorrected: boolean): string {
  const { title, bodyText } = storyOf(source, article)
  const paragraphs = [...bodyText.split('\n'), ...(isCorrected ? ['更正：前文中的日期有误，以本文为准。'] : [])].map(
    (line) => `<p style="text-indent:2em"><span style="font-size:16px">　　${escapeText(line)}</span></p>`,
  )
  return (
    `${head}<title>${escapeText(title)}_青澜市人民政府</title></head><body>${top}<div class="main"><h1>${escapeText(title)}</h1>` +
    `<div class="info">来源：青澜市人民政府　时间：${stated(article)}　责任编辑：林晓</div>` +
    `<div class="TRS_Editor">${paragraphs.join('')}</div></div>${foot}</body></html>`
  )
}

/** A list page that names these announcements of a source. */
export function listPage(source: number, articles: readonly number[]): string {
  const rows = articles.map((article) => {
    const title = escapeText(storyOf(source, article).title)
    return `<li><a href="/${source}/${article}.html">${title}</a><span>${stated(article).slice(0, 10)}</span></li>`
  })
  return `${head}<title>公告公示</title></head><body>${top}<div class="main"><ul class="news">${rows.join('')}</ul></div>${foot}</body></html>`
}

/** A feed with whole texts. */
export function feedPage(host: string, source: number, articles: readonly number[]): string {
  const items = articles.map((article) => {
    const { title, bodyText } = storyOf(source, article)
    const html = bodyText
      .split('\n')
      .map((line) => `<p>${escapeText(line)}</p>`)
      .join('')
    const url = `http://${host}/${source}/${article}.html`
    return (
      `<item><title>${escapeText(title)}</title><link>${url}</link><guid>${url}</guid>` +
      `<pubDate>${dayOf(article).toUTCString()}</pubDate><description>${escapeText(html)}</description></item>`
    )
  })
  return `<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>源 ${source}</title><link>http://${host}/</link><description>公告</description>${items.join('')}</channel></rss>`
}
