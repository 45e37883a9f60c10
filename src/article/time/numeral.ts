const values: Readonly<Record<string, number>> = {
  〇: 0,
  '○': 0,
  Ｏ: 0,
  两: 2,
  兩: 2,
  廿: 20,
  卅: 30,
  零: 0,
  一: 1,
  二: 2,
  三: 3,
  四: 4,
  五: 5,
  六: 6,
  七: 7,
  八: 8,
  九: 9,
}
const scales: Readonly<Record<string, number>> = { 十: 10, 百: 100, 千: 1000, 万: 10_000 }

/**
 * The number that digits or Chinese numerals say: `12`, `十二`, `二〇一九`, `廿九`, `一百零五`.
 * @returns `null` when `text` is no number
 */
export function readNumeral(text: string): number | null {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  // Digits said one by one are a year or a telephone number: 二〇一九.
  if (/^[零〇○一二三四五六七八九]{2,9}$/.test(text)) {
    return Number(Array.from(text, (character) => values[character] ?? 0).join(''))
  }
  let total = 0
  let last: number | null = null
  for (const character of text) {
    const scale = scales[character]
    const value = values[character]
    if (scale !== undefined) {
      total += (last ?? 1) * scale
      last = null
    } else if (value === undefined) {
      const digit = Number(character)
      if (!Number.isInteger(digit)) return null
      last = (last ?? 0) * 10 + digit
    } else if (value >= 20) {
      total += value
      last = null
    } else last = value
  }
  return text === '' ? null : total + (last ?? 0)
}
