import type { SkipReason } from '../../model/crawl-run.ts'
import { formatDuration } from '../../model/duration.ts'
import type { Source } from '../../model/source.ts'
import { html, type Html } from '../html.ts'
import type { SourceStanding } from '../source-facts.ts'

/** A word in both languages of the pages. */
export interface Words {
  readonly zh: string
  readonly en: string
}

/** Both languages beside each other. */
export function both({ zh, en }: Words): Html {
  return html`${zh} <i lang="en">${en}</i>`
}

export const standingWords: Readonly<Record<SourceStanding, Words>> = {
  gone: { zh: '已不在', en: 'gone' },
  blocked: { zh: '被拒', en: 'blocked' },
  broken: { zh: '失败', en: 'broken' },
  degraded: { zh: '有缺', en: 'degraded' },
  quiet: { zh: '沉寂', en: 'quiet' },
  healthy: { zh: '正常', en: 'healthy' },
  unread: { zh: '未抓取', en: 'not read yet' },
  disabled: { zh: '停用', en: 'disabled' },
}

export const kindWords: Readonly<Record<Source['kind'], Words>> = {
  auto: { zh: '自动', en: 'automatic' },
  html: { zh: '列表页', en: 'list page' },
  feed: { zh: '订阅源', en: 'feed' },
  sitemap: { zh: '站点地图', en: 'sitemap' },
  json: { zh: '接口', en: 'API' },
}

const skipWords: Readonly<Record<SkipReason, Words>> = {
  robots: { zh: 'robots 不许', en: 'robots' },
  'too-old': { zh: '太旧', en: 'too old' },
  'not-html': { zh: '非网页', en: 'not HTML' },
  'too-large': { zh: '过大', en: 'too large' },
  refused: { zh: '不准访问', en: 'refused' },
  'no-title': { zh: '无标题', en: 'no title' },
  'no-text': { zh: '无正文', en: 'no text' },
  'off-site': { zh: '站外', en: 'off site' },
  'same-text': { zh: '同文', en: 'same text' },
  'run-limit': { zh: '达到上限', en: 'limit of a run' },
  gone: { zh: '已撤', en: 'gone' },
  'failed-before': { zh: '上次失败', en: 'failed before' },
  'host-busy': { zh: '主机忙', en: 'host busy' },
  aborted: { zh: '中断', en: 'stopped' },
}

/** What a run passed over, by reason, the most first. */
export function skippedWords(skipped: Readonly<Partial<Record<SkipReason, number>>>): Html[] {
  return Object.entries(skipWords)
    .map(([reason, words]) => ({ words, count: Object.entries(skipped).find(([name]) => name === reason)?.[1] ?? 0 }))
    .filter(({ count }) => count > 0)
    .toSorted((a, b) => b.count - a.count)
    .map(({ words, count }) => html`${both(words)} ${count}`)
}

const units = [
  { ms: 365 * 86_400_000, zh: '年', en: 'y' },
  { ms: 86_400_000, zh: '天', en: 'd' },
  { ms: 3_600_000, zh: '小时', en: 'h' },
  { ms: 60_000, zh: '分钟', en: 'min' },
  { ms: 1000, zh: '秒', en: 's' },
] as const

/** A stretch of time as a person says it: the largest unit of which there are two, or one alone. */
export function roughly(ms: number): Words {
  const unit = units.find((unit) => ms >= 2 * unit.ms) ?? units.find((unit) => ms >= unit.ms) ?? units[4]
  const count = Math.round(ms / unit.ms)
  return { zh: `${count} ${unit.zh}`, en: `${count} ${unit.en}` }
}

/** How long ago, or in how long, with the instant beside for who wants it exactly. */
export function whenOf(at: Date | null, now: Date): Html {
  if (!at) return html`–`
  const ms = at.getTime() - now.getTime()
  const { zh, en } = roughly(Math.abs(ms))
  const words = ms > 0 ? { zh: `${zh}后`, en: `in ${en}` } : { zh: `${zh}前`, en: `${en} ago` }
  const iso = at.toISOString()
  return html`<time datetime="${iso}" title="${iso.slice(0, 19).replace('T', ' ')} UTC">${both(words)}</time>`
}

/** When a source is read. */
export function scheduleWords({ schedule }: Source): Html {
  const { cron, every, adaptive, quiet } = schedule
  const rest = quiet ? html` · ${quiet.from}–${quiet.to} ${both({ zh: '休息', en: 'rests' })}` : null
  if (cron !== undefined) return html`<code>${cron}</code>${rest}`
  if (every !== undefined) {
    const { zh, en } = roughly(every)
    return html`${both({ zh: `每 ${zh}`, en: `every ${en}` })}${rest}`
  }
  const bounds = adaptive ? `${formatDuration(adaptive.min)}–${formatDuration(adaptive.max)}` : ''
  return html`${both({ zh: '随发布节奏', en: 'as it publishes' })} ${bounds}${rest}`
}
