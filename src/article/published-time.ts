import type { StatedTime } from '../model/time.ts'
import type { Line } from './body/read-lines.ts'
import type { LinkedArticle } from './json-ld.ts'
import type { MetaTags } from './meta-tags.ts'
import { readDateTime } from './date-time.ts'

export interface TimeContext {
  readonly zone: string
  readonly reference: Date | null
}

const metaNames = [
  'pubdate',
  'article:published_time',
  'publishdate',
  'og:published_time',
  'datepublished',
  'date',
  'dc.date',
  'dc.date.issued',
  'og:release_date',
  'weibo: article:create_at',
  'bytedance:published_time',
  'parsely-pub-date',
  'sailthru.date',
  'publish_time',
  'publication_date',
  'apub:time',
  '_pubtime',
  'pubtime',
  'publishtime',
]

/** When the page says that it was published. */
export function readPublishedAt(
  around: readonly Line[],
  meta: MetaTags,
  linked: LinkedArticle | null,
  context: TimeContext,
): StatedTime | null {
  const found: StatedTime[] = []
  for (const line of around) {
    const time = readDateTime(line.text, context, 'text')
    if (time) found.push(time)
  }
  for (const name of metaNames) {
    const value = meta.values.get(name)
    const time = value === undefined ? null : readDateTime(value, context, `meta:${name}`)
    if (time) found.push(time)
  }
  const stated = linked?.datePublished ? readDateTime(linked.datePublished, context, 'json-ld:datePublished') : null
  if (stated) found.push(stated)
  const first = found[0]
  if (!first) return null
  return found.find((time) => time.precision !== 'day' && time.at.slice(0, 10) === first.at.slice(0, 10)) ?? first
}
