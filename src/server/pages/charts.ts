import type { PublicationHour } from '../../archive/source-health.ts'
import type { CrawlRun } from '../../model/crawl-run.ts'
import { html, type Html } from '../html.ts'
import { sourceStandings, type SourceStanding } from '../source-facts.ts'
import { standingWords } from './source-words.ts'

const dayMs = 86_400_000
const weekMs = 7 * dayMs

const newsOf = (run: CrawlRun): number => run.stored + run.revised

/** Each run a bar, the newest at the right: how it ended by colour, how much it found by height. */
export function runBars(runs: readonly CrawlRun[], { height, most }: { height: number; most: number }): Html | null {
  if (runs.length === 0) return null
  const shown = runs.slice(0, most).toReversed()
  const largest = Math.max(1, ...shown.map(newsOf))
  const [step, floor] = [7, 4]
  const bars = shown.map((run, index) => {
    const tall = Math.round(floor + (height - floor) * Math.sqrt(newsOf(run) / largest))
    const at = run.finishedAt.toISOString().slice(0, 16).replace('T', ' ')
    return html`<rect
      class="run-${run.outcome}"
      x="${(most - shown.length + index) * step}"
      y="${height - tall}"
      width="5"
      height="${tall}"
      rx="1"
      ><title>${at} UTC: +${run.stored} ~${run.revised} ✗${run.failed}</title></rect
    >`
  })
  const width = most * step
  return html`<svg
    class="bars"
    viewBox="0 0 ${width} ${height}"
    width="${width}"
    height="${height}"
    role="img"
    aria-label="最近抓取 Last runs"
  >
    ${bars}
  </svg>`
}

/** How many sources stand how, as parts of one bar. */
export function standingBar(counts: ReadonlyMap<SourceStanding, number>): Html | null {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
  if (total === 0) return null
  const width = 1000
  let x = 0
  const parts = sourceStandings.flatMap((standing) => {
    const count = counts.get(standing) ?? 0
    if (count === 0) return []
    const [from, wide] = [x, (count / total) * width]
    x += wide
    const { zh, en } = standingWords[standing]
    return [
      html`<rect class="is-${standing}" x="${from.toFixed(1)}" width="${wide.toFixed(1)}" height="10"
        ><title>${zh} ${en}: ${count}</title></rect
      >`,
    ]
  })
  return html`<svg
    class="standing"
    viewBox="0 0 ${width} 10"
    preserveAspectRatio="none"
    role="img"
    aria-label="来源状况 How sources are"
  >
    ${parts}
  </svg>`
}

/** Articles a week, the present week at the right. */
export function weekBars(hours: readonly PublicationHour[], now: Date, weeks: number): Html {
  const counts = Array.from({ length: weeks }, () => 0)
  for (const { at, count } of hours) {
    const week = weeks - 1 - Math.floor((now.getTime() - at.getTime()) / weekMs)
    if (week >= 0 && week < weeks) counts[week] = (counts[week] ?? 0) + count
  }
  const largest = Math.max(1, ...counts)
  const [step, height] = [24, 90]
  const bars = counts.map((count, index) => {
    const tall = count === 0 ? 1 : Math.max(3, Math.round((count / largest) * height))
    const from = new Date(now.getTime() - (weeks - index) * weekMs).toISOString().slice(0, 10)
    return html`<rect class="week" x="${index * step}" y="${height - tall}" width="18" height="${tall}" rx="2"
      ><title>${from} +7 d: ${count}</title></rect
    >`
  })
  return html`<svg
    class="chart"
    viewBox="0 -14 ${weeks * step} ${height + 16}"
    role="img"
    aria-label="每周篇数 Articles a week"
  >
    <text x="0" y="-3">${largest}</text>
    <line x1="0" x2="${weeks * step}" y1="0" y2="0" />
    ${bars}
  </svg>`
}

interface Cell {
  readonly day: number
  readonly hour: number
}

const weekdays = ['一 Mo', '二 Tu', '三 We', '四 Th', '五 Fr', '六 Sa', '日 Su'] as const
const dayNames = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

function cellReader(timeZone: string): (at: Date) => Cell {
  const format = new Intl.DateTimeFormat('en', { timeZone, weekday: 'short', hour: 'numeric', hourCycle: 'h23' })
  return (at) => {
    const parts = format.formatToParts(at)
    const valueOf = (type: string) => parts.find((part) => part.type === type)?.value ?? ''
    return { day: dayNames.indexOf(valueOf('weekday')), hour: Number(valueOf('hour')) }
  }
}

/**
 * In which hours of the week articles come, by the source's own clock; those without a time of day are left out. `null`
 * when none has one.
 */
export function weekPicture(hours: readonly PublicationHour[], timeZone: string): Html | null {
  const cellOf = cellReader(timeZone)
  const counts = new Map<number, number>()
  for (const { at, isTimed, count } of hours) {
    if (!isTimed) continue
    const { day, hour } = cellOf(at)
    counts.set(day * 24 + hour, (counts.get(day * 24 + hour) ?? 0) + count)
  }
  if (counts.size === 0) return null
  const largest = Math.max(...counts.values())
  const [left, step] = [46, 22]
  const cells = [...counts].map(([index, count]) => {
    const [day, hour] = [Math.floor(index / 24), index % 24]
    const share = 0.2 + 0.8 * Math.sqrt(count / largest)
    return html`<rect
      class="hour"
      x="${left + hour * step}"
      y="${day * step}"
      width="20"
      height="20"
      rx="4"
      fill-opacity="${share.toFixed(2)}"
      ><title>${weekdays[day] ?? ''} ${hour}:00 – ${count}</title></rect
    >`
  })
  const rows = weekdays.map((name, day) => html`<text x="0" y="${day * step + 15}">${name}</text>`)
  const columns = [0, 6, 12, 18].map(
    (hour) => html`<text x="${left + hour * step}" y="${7 * step + 14}">${hour}</text>`,
  )
  const empty = Array.from(
    { length: 7 },
    (_, day) => html`<rect class="hours" x="${left}" y="${day * step}" width="${24 * step - 2}" height="20" rx="4" />`,
  )
  return html`<svg
    class="chart"
    viewBox="0 0 ${left + 24 * step} ${7 * step + 20}"
    role="img"
    aria-label="发布时段 When it publishes"
  >
    ${empty}${cells}${rows}${columns}
  </svg>`
}
