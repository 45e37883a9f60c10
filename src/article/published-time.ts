import type { StatedTime } from '../model/time.ts'
import { type TimeContext, readDateTimes, readDateValue } from './date-time.ts'
import type { LinkedArticle } from './json-ld.ts'
import type { MetaTags } from './meta-tags.ts'
import { zoneOffsetMs } from '../text/zone.ts'

/** A line of the page that may state a time of the article, and how near to the headline it stands. */
export interface TimeLine {
  readonly text: string
  /** `head`: between headline and text; `tail`: below the text. */
  readonly zone: 'head' | 'tail'
  /** Whether a link makes up most of the line: then the date is that of what it leads to. */
  readonly linked: boolean
}

export interface ArticleTimes {
  readonly publishedAt: StatedTime | null
  readonly modifiedAt: StatedTime | null
  /** Every witness in the order of trust, for `explainArticle`. */
  readonly witnesses: readonly StatedTime[]
}

const publishedMeta = [
  'pubdate',
  'article:published_time',
  'article:published',
  'og:published_time',
  'og:article:published_time',
  'publishdate',
  'publish_date',
  'publish-date',
  'publish_time',
  'publishtime',
  'pubtime',
  'publication_date',
  'datepublished',
  'bytedance:published_time',
  'parsely-pub-date',
  'sailthru.date',
  'apub:time',
  'weibo: article:create_at',
  'weibo:article:create_at',
  'og:release_date',
  'dc.date.issued',
  'dcterms.issued',
  'dcterms.created',
  'citation_publication_date',
]
/** Names that some publishers give to the day of publication and others to that of the last change. */
const vagueMeta = ['date', 'dc.date', 'dcterms.date', 'createdate', 'created', 'pub_date', 'others']
const modifiedMeta = [
  'article:modified_time',
  'og:updated_time',
  'datemodified',
  'lastmodified',
  'last-modified',
  'bytedance:updated_time',
  'bytedance:lrdate_time',
  'weibo: article:update_at',
  'weibo:article:update_at',
  'dcterms.modified',
  'dc.date.modified',
  'revised',
]

const publishedLabel =
  /(?:发布|發布|發佈|发表|刊发|刊登|登载|上传|发稿|发文|公开|成稿|录入|添加|创建|投稿|印发)?(?:时间|日期|時間|于|於|日)?\s*[:：]?\s*$/
const strongLabel =
  /本[贴帖]由.{1,20}[于在]$|(?:发布|發布|發佈|发表|刊发|刊登|登载|上传|发稿|公开|录入|添加|创建|投稿)(?:时间|日期|時間|于|於|日)?\s*[:：]?\s*$|(?:时\s?间|日\s?期|時間)\s*[:：]\s*$|(?:published|posted|first published|issued|released)(?:\s+(?:on|at|by .{1,40}))?\s*[:：]?\s*$/i
const modifiedLabel =
  /(?:更新|修改|修订|编辑|最后)(?:时间|日期|于|於)?\s*[:：]?\s*$|(?:updated|modified|edited|last update)(?:\s+(?:on|at))?\s*[:：]?\s*$/i
/** Dates that are not of the article: when a document was signed or takes effect, when a meeting was held. */
const otherLabel =
  /(?:成文|生效|实施|施行|截止|截至|有效期?|失效|开始|结束|活动|会议|举办|出生|注册|最新推荐文章|上次登录|最后登录|回复|阅读至|签发|起草|制发)(?:时间|日期|于)?\s*[:：]?\s*$/

interface Witness {
  readonly time: StatedTime
  readonly rank: number
  readonly modified: boolean
}

function fromLines(lines: readonly TimeLine[], context: TimeContext): Witness[] {
  const found: Witness[] = []
  for (const { text, zone, linked } of lines) {
    for (const { time, index, end } of readDateTimes(text, context, 'text')) {
      const before = text.slice(Math.max(0, index - 24), index)
      const after = text.slice(end, end + 6)
      if (otherLabel.test(before)) continue
      const isHead = zone === 'head'
      if (modifiedLabel.test(before) || /^\s*(?:更新|修改)(?!时间|日期)/.test(after)) {
        found.push({ time: { ...time, from: 'text:更新' }, rank: isHead ? 60 : 40, modified: true })
      } else if (strongLabel.test(before) || /^\s*(?:发布|发表|發布|發表)/.test(after)) {
        const label = /([\p{L}\s]{1,12}?)\s*[:：]?\s*$/u.exec(before)?.[1]?.trim() ?? ''
        found.push({
          time: { ...time, from: `text:${label}` },
          rank: (isHead ? 90 : 60) - (linked ? 45 : 0),
          modified: false,
        })
      } else {
        const isAlone = publishedLabel.exec(before) !== null
        found.push({ time, rank: (isHead ? 70 : 35) - (linked ? 45 : 0) + (isAlone ? 0 : -5), modified: false })
      }
    }
  }
  return found
}

function fromMeta(meta: MetaTags, linked: LinkedArticle | null, context: TimeContext): Witness[] {
  const found: Witness[] = []
  const add = (value: string | null | undefined, from: string, rank: number, modified = false) => {
    const time = value ? readDateValue(value, context, from) : null
    if (time) found.push({ time, rank, modified })
  }
  for (const name of publishedMeta) add(meta.values.get(name), `meta:${name}`, 80)
  add(linked?.datePublished, 'json-ld:datePublished', 79)
  for (const name of vagueMeta) add(meta.values.get(name), `meta:${name}`, 55)
  for (const name of modifiedMeta) add(meta.values.get(name), `meta:${name}`, 50, true)
  add(linked?.dateModified, 'json-ld:dateModified', 52, true)
  return found
}

/** /2019/10/31/, /2019-10/31/, /20191031/, t20191031_: the day in an address, as publishers put it there. */
function fromUrl(url: string, context: TimeContext): Witness[] {
  const path = URL.canParse(url) ? new URL(url).pathname : ''
  const match =
    /\/((?:19|20)\d{2})[-/_]?(0[1-9]|1[0-2])[-/_]?(0[1-9]|[12]\d|3[01])(?=[/_.-]|$)/.exec(path) ??
    /(?:^|[/_t])((?:20)\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=[/_.]|$)/.exec(path)
  const time = match ? readDateValue(`${match[1]}-${match[2]}-${match[3]}`, context, 'url') : null
  return time ? [{ time, rank: 30, modified: false }] : []
}

/** The wall clock of a time in its own zone, as if it were UTC. */
const wallClock = (time: StatedTime) => Date.parse(time.at) + zoneOffsetMs(Date.parse(time.at), time.zone)

const localDay = (time: StatedTime) => new Date(wallClock(time)).toISOString().slice(0, 10)

const exactness = (time: StatedTime) => ['year', 'month', 'day', 'hour', 'minute', 'second'].indexOf(time.precision)

/** The most trusted time, made more exact by another witness that means the same day. */
function decide(witnesses: readonly Witness[]): StatedTime | null {
  const [first, ...others] = witnesses
  if (!first) return null
  let best = first.time
  for (const { time, rank } of others) {
    if (rank < 35 || exactness(time) <= exactness(best)) continue
    const isSame =
      best.precision === 'day' ? isSameDay(time, best) : Math.abs(Date.parse(time.at) - Date.parse(best.at)) < 60_000
    if (isSame) best = time
  }
  // A clock that is right but labelled as UTC by the publisher's software, beside a line without a zone.
  const plain = others.find(
    ({ time }) =>
      time.zone !== best.zone &&
      time.from.startsWith('text') &&
      exactness(time) >= 4 &&
      Math.abs(wallClock(time) - wallClock(best)) < 60_000,
  )
  return plain && best.zone === '+00:00' ? { ...plain.time, precision: plain.time.precision } : best
}

function isSameDay(exact: StatedTime, day: StatedTime): boolean {
  if (localDay(exact) === localDay(day)) return true
  // Stated in UTC by the page's data and in local time by its text.
  const there = new Date(Date.parse(exact.at) + zoneOffsetMs(Date.parse(exact.at), day.zone)).toISOString().slice(0, 10)
  return there === localDay(day)
}

/** When the article was published and last changed, as the page says; the URL is asked last. */
export function readTimes(
  lines: readonly TimeLine[],
  meta: MetaTags,
  linked: LinkedArticle | null,
  url: string,
  context: TimeContext,
): ArticleTimes {
  const latest = context.reference ? context.reference.getTime() + 2 * 86_400_000 : Number.POSITIVE_INFINITY
  const all = [...fromLines(lines, context), ...fromMeta(meta, linked, context), ...fromUrl(url, context)]
    .filter(({ time }) => Date.parse(time.at) <= latest)
    .toSorted((a, b) => b.rank - a.rank)
  const publishedAt = decide(all.filter((witness) => !witness.modified))
  const modified = decide(all.filter((witness) => witness.modified))
  const isLater = modified !== null && (publishedAt === null || Date.parse(modified.at) > Date.parse(publishedAt.at))
  return { publishedAt, modifiedAt: isLater ? modified : null, witnesses: all.map(({ time }) => time) }
}
