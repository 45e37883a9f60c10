import type { AnnouncedEvent } from '../../model/article.ts'
import { eventTimes, isAhead, wordsOf } from './announced.ts'
import { eventNoun } from './event-words.ts'
import { findTimes, type TimeReference } from './read-time.ts'

const numbering = String.raw`^[\s（(]*(?:[一二三四五六七八九十\d]{1,2}[、.．)）]\s*)?`
const timeLine = new RegExp(
  String.raw`${numbering}(会议|活动|举办|召开|举行|开幕|展览|比赛|演出|培训|讲座|论坛|发布会|开会|招聘会|宣讲)?(?:的)?时\s{0,4}间\s*[:：]\s*(.{4,60})`,
)
const placeLine = new RegExp(
  String.raw`${numbering}(?:会议|活动|举办|召开|举行|开幕|展览|比赛|演出|培训|讲座|论坛|发布会)?(?:的)?地\s{0,4}[点址]\s*[:：]\s*(.{2,60})`,
)
const aboutHolding =
  /关于(?:召开|举办|举行|组织|开展|组织召开|组织开展|组织参加|参加)(.{4,50}?)的?(?:通知|公告|通告|函|预告|邀请|预通知)/
/** The place follows the time within so many lines. */
const nearLines = 4

function titleOf(title: string | null): string | null {
  if (title === null) return null
  const named = (aboutHolding.exec(title)?.[1] ?? title.replace(/(?:预告|邀请函|通知|公告)$/, '')).trim()
  return eventNoun.test(named) && named.length <= 60 ? named : null
}

/**
 * The event of an invitation or notice that gives time and place on lines of their own: `会议时间：…`, `地点：…`.
 * Its name comes from the notice's title; a bare `时间：` counts only when a place follows.
 */
export function readNoticeEvents(
  article: { readonly title: string | null; readonly bodyText: string },
  from: TimeReference,
): AnnouncedEvent[] {
  const title = titleOf(article.title)
  if (title === null) return []
  const lines = article.bodyText.slice(0, 20_000).split('\n')
  for (const [index, line] of lines.entries()) {
    const match = timeLine.exec(line.slice(0, 120))
    if (!match) continue
    const place = lines
      .slice(index, index + nearLines)
      .map((near) => placeLine.exec(near.slice(0, 120))?.[1])
      .find((found) => found !== undefined)
    if (match[1] === undefined && place === undefined) continue
    const found = findTimes(match[2] ?? '', { ...from, toward: 'future' })[0]
    const when = found && eventTimes(found.time)
    if (!when || !isAhead(when.start, from, true, wordsOf(found, match[2] ?? ''))) continue
    return [{ title, start: when.start, end: when.end, place: place?.replace(/[。；;，,]\s*$/, '').trim() ?? null }]
  }
  return []
}
