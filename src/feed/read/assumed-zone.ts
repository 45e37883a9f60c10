import type { FeedSource } from './read-feed.ts'

/** Han letters without kana or hangul: Chinese, for feeds that state no language. */
function isChinese(sample: string): boolean {
  return /\p{Script=Han}/u.test(sample) && !/[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u.test(sample)
}

/** IANA zone of a feed's dates that state none. */
export function assumedZone(from: FeedSource, language: string | null, sample: string): string {
  if (from.timeZone !== undefined) return from.timeZone
  return (language === null ? isChinese(sample) : /^(?:zh|cn|chinese|cmn)/i.test(language)) ? 'Asia/Shanghai' : 'UTC'
}
