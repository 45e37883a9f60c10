/** A zone as a date states it. */
export interface StatedZone {
  /** East of UTC. */
  readonly minutes: number
  readonly name: string
}

/** Minutes east of UTC of zone names in RFC 822 §5 and of those that feeds use beside them. */
const zones: Readonly<Record<string, number>> = {
  ut: 0,
  utc: 0,
  gmt: 0,
  z: 0,
  wet: 0,
  est: -300,
  edt: -240,
  cdt: -300,
  mst: -420,
  mdt: -360,
  pst: -480,
  pdt: -420,
  akst: -540,
  akdt: -480,
  hst: -600,
  bst: 60,
  ist: 330,
  west: 60,
  cet: 60,
  cest: 120,
  met: 60,
  mest: 120,
  eet: 120,
  eest: 180,
  msk: 180,
  jst: 540,
  kst: 540,
  hkt: 480,
  sgt: 480,
  awst: 480,
  acst: 570,
  aest: 600,
  aedt: 660,
  nzst: 720,
  nzdt: 780,
  北京时间: 480,
}

/** Kiritimati. */
const FARTHEST_MINUTES = 14 * 60

function two(value: number): string {
  return String(value).padStart(2, '0')
}

function offsetName(minutes: number): string {
  if (minutes === 0) return 'UTC'
  const size = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`
}

function stated(minutes: number): StatedZone {
  return { minutes, name: offsetName(minutes) }
}

/**
 * The zone that stands after a time: `+0800`, `GMT+8`, `EST`, `Z`, `(CST)`; `null` when it is none.
 * @param assumed zone of times that state none: `CST` is China's time in Chinese feeds and Chicago's elsewhere
 */
export function statedZone(text: string, assumed: string): StatedZone | null {
  const name = text
    .trim()
    .toLowerCase()
    .replace(/^\((.*)\)$/, '$1')
  const offset = /^(?:gmt|utc?|z)?\s*([+\u2212-])\s*(\d{1,2}):?(\d{2})?(?!\d)/.exec(name)
  if (offset) {
    const minutes = Number(offset[2]) * 60 + Number(offset[3] ?? 0)
    return minutes > FARTHEST_MINUTES ? null : stated(offset[1] === '+' ? minutes : -minutes)
  }
  const word = /^\p{L}+/u.exec(name)?.[0] ?? ''
  if (word === 'cst') return stated(assumed === 'Asia/Shanghai' ? 480 : -360)
  const minutes = zones[word]
  return minutes === undefined ? null : stated(minutes)
}
