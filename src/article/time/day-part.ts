/** First and last whole hour of each part of the day, in the bounds that Chinese corpora of time expressions agree on. */
const hours = {
  dawn: [0, 4],
  daybreak: [5, 7],
  morning: [6, 9],
  forenoon: [7, 11],
  noon: [12, 13],
  'after-noon': [13, 14],
  afternoon: [13, 17],
  dusk: [17, 18],
  evening: [18, 23],
  night: [20, 23],
  midnight: [0, 0],
  daytime: [8, 17],
  am: [0, 11],
  pm: [12, 23],
} as const
export type DayPart = keyof typeof hours

const words: readonly (readonly [DayPart, string])[] = [
  ['dawn', '凌晨|拂晓|破晓'],
  ['daybreak', '清晨|黎明|清早|今晨|晨间'],
  ['morning', '大清早|大早上|一大早|早上|早晨|早间|早'],
  ['forenoon', '上午|午前'],
  ['noon', '中午|正午|晌午|午间'],
  ['after-noon', '午后'],
  ['afternoon', '下午|后晌'],
  ['dusk', '傍晚|黄昏'],
  ['midnight', '午夜|子夜'],
  ['evening', '晚上|晚间|夜晚|晚'],
  ['night', '夜里|夜间|深夜|半夜|大半夜|夜'],
  ['daytime', '白天'],
]

/** Words for parts of the day, longer ones first, as a piece of a pattern. */
export const dayPartWords = words
  .flatMap(([, alternatives]) => alternatives.split('|'))
  .toSorted((a, b) => b.length - a.length)
  .join('|')

export function dayPartOf(word: string): DayPart | null {
  return words.find(([, alternatives]) => alternatives.split('|').includes(word))?.[0] ?? null
}

export function dayPartHours(part: DayPart): { readonly from: number; readonly to: number } {
  const [from, to] = hours[part]
  return { from, to }
}

/**
 * The hour on a 24-hour clock of an hour said with a part of the day: `下午3点` is 15.
 * @returns 24 for the midnight that ends the day: `晚上12点`
 */
export function hourIn(part: DayPart | null, hour: number): number {
  if (part === null || hour > 12) return hour
  if (part === 'pm') return hour === 12 ? 12 : hour + 12
  if (part === 'am' || part === 'dawn') return hour === 12 ? 0 : hour
  if (part === 'noon') return hour < 4 ? hour + 12 : hour
  if (part === 'evening' || part === 'night') {
    if (hour === 12) return 24
    // 夜里两点 is after midnight, 晚上六点 before.
    return hour < 5 ? hour : hour + 12
  }
  return ['after-noon', 'afternoon', 'dusk'].includes(part) && hour < 12 ? hour + 12 : hour
}
