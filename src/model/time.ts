/** How exactly a time was stated. A date without a time of day has precision `day`. */
export type TimePrecision = 'second' | 'minute' | 'hour' | 'day' | 'month' | 'year'

/** A time as its publisher states it. */
export interface StatedTime {
  /** The first instant of what was stated, ISO 8601 in UTC with milliseconds: `2019-10-30T16:00:00.000Z`. */
  readonly at: string
  readonly precision: TimePrecision
  /** The zone in which it was stated or assumed: an IANA name (`Asia/Shanghai`) or an offset (`+08:00`). */
  readonly zone: string
  /** Where it was read: `json-ld:datePublished`, `meta:PubDate`, `text:发布时间`, `url`. */
  readonly from: string
}

/** A stretch of time: from the first instant of `start` to the last instant of `end`. */
export interface StatedSpan {
  readonly start: StatedTime
  /** `null` when the text leaves the end open. */
  readonly end: StatedTime | null
}

/** Tells a span from a single time. */
export function isSpan(time: StatedTime | StatedSpan): time is StatedSpan {
  return 'start' in time
}
