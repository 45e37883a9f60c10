import type { Announcement } from './announcement.ts'
import { escapeMarkup, shortened } from './markup.ts'

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** Characters of a text that a summary shows. */
const summaryLength = 90

export interface PortalFeed {
  readonly name: string
  readonly homeUrl: string
  readonly announcements: readonly Announcement[]
  readonly urlOf: (announcement: Announcement) => string
}

/**
 * The portal's RSS 2.0, with what readers have to put up with: summaries cut off in the middle, dates without
 * seconds or weekday, links in white space, an author without an address.
 * An item that was corrected has the time of the correction as its date.
 */
export function portalRss({ name, homeUrl, announcements, urlOf }: PortalFeed): string {
  const newest = announcements.map(changedAt).toSorted().at(-1) ?? '1970-01-01T00:00:00+08:00'
  const items = announcements.map(
    (announcement, index) => `<item>
<title><![CDATA[${announcement.title}]]></title>
<link>
  ${escapeMarkup(urlOf(announcement))}
</link>
<guid isPermaLink="false">c_${announcement.id}</guid>
<author>${escapeMarkup(announcement.byline ?? name)}</author>
<category>${announcement.reprintOf === null ? '本网原创' : '时政'}</category>
<pubDate>${feedDate(changedAt(announcement), index)}</pubDate>
<description><![CDATA[<p>　　${escapeMarkup(summaryOf(announcement))}</p>]]></description>
</item>`,
  )
  return `<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0">
<channel>
<title>${name} 滚动新闻</title>
<link>${homeUrl}</link>
<description>${name}滚动新闻</description>
<language>zh-cn</language>
<lastBuildDate>${feedDate(newest, 0)}</lastBuildDate>
<ttl>5</ttl>
${items.join('\n')}
</channel>
</rss>
`
}

export function summaryOf(announcement: Announcement): string {
  return shortened(announcement.paragraphs[0] ?? '', summaryLength)
}

/** When an article was last touched. */
export function changedAt(announcement: Announcement): string {
  return announcement.modifiedAt ?? announcement.publishedAt
}

/** RFC 822's date of a time in Beijing; every third lacks its seconds and every fifth its weekday. */
function feedDate(time: string, index: number): string {
  const [year = '', month = '', day = ''] = time.slice(0, 10).split('-')
  const weekday = days[new Date(`${time.slice(0, 10)}T00:00:00Z`).getUTCDay()]
  const clock = index % 3 === 2 ? time.slice(11, 16) : time.slice(11, 19)
  const date = `${day} ${months[Number(month) - 1]} ${year} ${clock} +0800`
  return index % 5 === 4 ? date : `${weekday}, ${date}`
}
