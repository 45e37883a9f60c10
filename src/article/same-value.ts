import type { StatedTime } from '../model/time.ts'
import { oneLine } from './clean-text.ts'

const dayMs = 86_400_000
const minuteMs = 60_000

/** A text as it is compared: width, case and spaces aside. */
export function comparable(text: string): string {
  return oneLine(text).normalize('NFKC').replaceAll(/\s+/g, '').toLowerCase()
}

/** Shorter beginnings of titles are those of many. */
const shortestCut = 8

/** Whether a list's title is the article's, also when the list cuts it with dots. */
export function isSameTitle(shown: string, title: string): boolean {
  const [a, b] = [comparable(shown), comparable(title)]
  if (a === b) return a !== ''
  const cut = /^(.*?)(?:\.{2,}|…+)$/s.exec(a)?.[1] ?? ''
  return cut.length >= shortestCut && b.startsWith(cut)
}

/** Whether two statements of a time may be of the same instant, each as exact as it is. */
export function isSameTime(a: StatedTime, b: StatedTime): boolean {
  const [rough, fine] = a.precision === 'day' ? [a, b] : [b, a]
  const aheadMs = Date.parse(fine.at) - Date.parse(rough.at)
  return rough.precision === 'day' ? aheadMs >= 0 && aheadMs < dayMs : Math.abs(aheadMs) < minuteMs
}
