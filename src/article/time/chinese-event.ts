import type { AnnouncedEvent } from '../../model/article.ts'
import { eventTimes, isAhead, wordsOf } from './announced.ts'
import { announcing, eventNoun, holding, looseHolding, notAhead, shortPlaces } from './event-words.ts'
import { findTimes, type FoundTime, type TimeReference } from './read-time.ts'

const holdingPattern = new RegExp(`(?:${holding})`, 'g')
/** The same without a place: most sentences have none of these words. */
const anyHolding = new RegExp(holding)
const announcingPattern = new RegExp(`(?:${announcing})`, 'g')
/** Adverbs between place and verb. */
const adverbs =
  /(?:隆重|盛大|正式|如期|同时|同步|同期|联合|陆续|相继|全面|首次|再次|继续|公开|一并|共同|分别|联动|精彩|火热)+$/
const placePattern =
  /(?:在|于)([^，。；：！？、\s\d《》“”]{1,30}(?:[（(][^）)]{1,15}[)）])?[^，。；：！？、\s\d《》“”]{0,10})$/
const notPlaces =
  /^(?:线上|网上|云端|即|此|会上|会期|期间|线下|线上线下|全国|各地|国内|海外|我[国省市县区]|当地|现场|同期|近期|会议|上述)|[时前后年月日间]$|起$/

/** What introduces a sentence and is no part of an event's name. */
const introductions =
  /^(?:据悉|据了解|据介绍|记者(?:日前|今日|今天|昨日)?(?:从.{2,30}?)?(?:获悉|了解到)|(?:.{2,20})?(?:获悉|了解到|宣布|透露|消息|表示|通知|显示)|日前|近日|目前|其中|此外|同时|届时|另外|随后|接下来|今年|明年|本届|首先|按照.{2,20}(?:安排|要求|部署)|根据.{2,30}(?:安排|要求|部署|规定)|经.{2,20}研究(?:决定)?|为.{2,60}?)[，,：:、]?/
/** A dateline or the name of the medium before a lead: 新华社南京11月8日电（记者…）. */
const dateline =
  /^.{0,40}?(?:[电讯](?=[\s（(：:，])|消息)\s?(?:[（(][^（）()]{1,30}[）)])?[\s：:，,]*|^[【［[][^】］\]]{1,20}[】］\]]|^[（(][^（）()]{1,30}[）)]|^[■●◆★▲]/
/** A name behind what is said about it: 由商务部主办的博览会, 为期三天的车展. */
const attribute =
  /^.{0,60}(?:主办|承办|协办|举办|关注|为期.{1,4}|瞩目|期待|组织|发起|指导|一度|一年|一届|支持|筹备|联合|举行|召开|策划|打造|参与|参加|之称|称号|美誉)的/
const nameEnd = /[，。；：！？!?,;、\s]/

function cleanName(text: string): string {
  let name = text.replace(/^[\s，,。：:、；;　]+|[\s，,：:、；;]+$/g, '')
  for (let turns = 0; turns < 3; turns++) {
    name = name.replace(dateline, '').replace(introductions, '').replace(attribute, '').trim()
  }
  name = name
    .replace(/^(?:由.{2,30}?(?:主办|承办)的?|(?:的|和|与|及|了|该)(?=\S{4}))/, '')
    .replace(/(?:也|还|均|都|就|又|正|并|则|拟)$/, '')
  const quoted = /^[“"『「]([^”"』」]{4,40})[”"』」]$/.exec(name)
  return (quoted?.[1] ?? name).trim()
}

/** Names are told from sentences by their length and by how they end. */
const nameLengths = { min: 4, max: 50 } as const

function isName(name: string, verb: string): boolean {
  if (name.length < nameLengths.min || name.length > nameLengths.max || /[。！？；]/.test(name)) return false
  if (
    /^(?:该|本|此|这|我|他|她|它|你|上述|有关|相关|部分|一些|多个|多场|多项|各|双方|会议|活动|大会|论坛|仪式|比赛|展会)(?:$|[次届]?(?:会议|活动|大会|论坛|仪式|比赛|展会)$)/.test(
      name,
    )
  )
    return false
  return (
    eventNoun.test(name) ||
    (!looseHolding.test(verb) &&
      /[”"』」》]$|工程|项目|计划|行动|电影|剧|音乐|歌|舞|公园|机场|高铁|博物馆|乐园$/.test(name))
  )
}

/** What is held, behind the verb: `召开第三届数字经济大会`. */
function objectName(sentence: string, verbEnd: number): string {
  const rest = sentence.slice(verbEnd, verbEnd + 70).replace(/^(?:的|了|一场|首场|首届(?=。)|为期.{1,5}的)/, '')
  const end = rest.search(nameEnd)
  return cleanName(end < 0 ? rest : rest.slice(0, end))
}

/** Who is held, before the word that announces: `第五届大会将于…`, with times left out. */
function subjectName(sentence: string, until: number, times: readonly FoundTime[]): string {
  let begin = Math.max(0, until - 90)
  for (const time of times) {
    const end = time.index + time.length
    if (end <= until) begin = Math.max(begin, end)
    else if (time.index < until) return ''
  }
  const before = sentence.slice(begin, until).replace(/(?:拟|计划|预计|定|于|在)$/, '')
  const pieces = before.split(/[，。；：！？,;:]/)
  // A name broken by commas is rare; the piece next to the verb may be an aside.
  return (
    pieces.map(cleanName).findLast((piece) => piece.length >= nameLengths.min && eventNoun.test(piece)) ??
    cleanName(pieces.at(-1) ?? '')
  )
}

function placeOf(text: string): string | null {
  const match = placePattern.exec(text.replace(adverbs, ''))
  const inner = match?.[1]
  if (inner === undefined) return null
  // "于4日在金华": the last 在 leads to the place.
  const last = inner.lastIndexOf('在')
  const place = (last >= 0 ? inner.slice(last + 1) : inner).trim()
  if (place === '' || notPlaces.test(place)) return null
  return place.length === 1 ? (shortPlaces[place] ?? null) : place
}

const shortName =
  /^(?:本届|此次|本次|该)?[^，。；：！？“”]{0,6}?(大会|论坛|峰会|博览会|展览会|展会|车展|书展|艺术节|文化节|音乐节|电影节|马拉松|运动会|锦标赛|公开赛|大赛)/

/** The full name, earlier in the article, of what a sentence calls 大会 or 本届论坛; `null` when none stands there. */
function nameMeant(before: string, context: string): string | null {
  const word = shortName.exec(before.trim())?.[1]
  if (word === undefined) return null
  const full = new RegExp(`[^，。；：！？、\\s“”《》【】]{3,40}?${word}`).exec(context)?.[0]
  const name = full === undefined ? '' : cleanName(full)
  return name.length >= word.length + 4 && !/^(?:本|此|该)/.test(name) && name.length <= nameLengths.max ? name : null
}

interface Spoken {
  readonly sentence: string
  readonly verb: string
  /** Where the verb stands, and where the word that announces stands; -1 when there is none. */
  readonly verbAt: number
  readonly wordAt: number
  readonly wordEnd: number
}

function chooseTime(spoken: Spoken, times: readonly FoundTime[]): FoundTime | null {
  const { wordAt, wordEnd, verbAt } = spoken
  const inside = times.find((time) => time.index >= wordEnd - 1 && time.index + time.length <= verbAt)
  if (inside) return inside
  const limit = wordAt < 0 ? verbAt : wordAt
  // "12月4日，大会将在金华举行": the last time before, unless much stands between.
  return times.findLast((time) => time.index + time.length <= limit && limit - time.index - time.length <= 60) ?? null
}

function readSpoken(spoken: Spoken, from: TimeReference, context: string): AnnouncedEvent | null {
  const { sentence, verb, verbAt, wordAt } = spoken
  const isSaid = wordAt >= 0
  // A bare year is part of a name: 2026年城市更新论坛.
  const times = findTimes(sentence, isSaid ? { ...from, toward: 'future' } : from).filter(({ time }) =>
    eventTimes(time),
  )
  const found = chooseTime(spoken, times)
  const when = found && eventTimes(found.time)
  if (!found || !when || !isAhead(when.start, from, isSaid, wordsOf(found, sentence))) return null
  if (when.start.precision === 'month' && looseHolding.test(verb)) return null
  const after = objectName(sentence, verbAt + verb.length)
  const before = subjectName(sentence, isSaid ? wordAt : Math.min(verbAt, subjectEnd(sentence, found, verbAt)), times)
  // A name from elsewhere is only as sure as the time: right between 将于 and the verb.
  const isBetween = isSaid && found.index >= spoken.wordEnd - 1
  const meant = isBetween ? nameMeant(sentence.slice(0, verbAt), context) : null
  const title = [after, before].find((name) => isName(name, verb)) ?? meant
  if (title === null) return null
  return { title, start: when.start, end: when.end, place: placeOf(sentence.slice(Math.max(0, verbAt - 60), verbAt)) }
}

/** Without a word that announces, the name ends at the time or at the place: `大会12月4日在金华举行`. */
function subjectEnd(sentence: string, found: FoundTime, verbAt: number): number {
  const beforeTime = sentence.slice(0, found.index).replace(/[于在]$/, '')
  if (beforeTime.trim().length >= nameLengths.min && !/[，,]\s*$/.test(beforeTime)) return beforeTime.length
  const place = sentence.lastIndexOf('在', verbAt)
  return place > found.index ? place : verbAt
}

/**
 * The events that one Chinese sentence announces.
 * @param context title and text before the sentence, where an event is called by its full name
 */
export function readChineseEvents(sentence: string, from: TimeReference, context: string): AnnouncedEvent[] {
  if (!anyHolding.test(sentence) || notAhead.test(sentence)) return []
  if (!/[\d一二三四五六七八九十今明后下本]/.test(sentence)) return []
  const words = [...sentence.matchAll(announcingPattern)]
  const events: AnnouncedEvent[] = []
  let done = -1
  for (const match of sentence.matchAll(holdingPattern)) {
    // "举行的会议" tells of an event in passing.
    if (sentence.startsWith('的', match.index + match[0].length)) continue
    const word = words.findLast((candidate) => candidate.index < match.index && candidate.index > done)
    const spoken = {
      sentence,
      verb: match[0],
      verbAt: match.index,
      wordAt: word?.index ?? -1,
      wordEnd: word === undefined ? -1 : word.index + word[0].length,
    }
    const event = readSpoken(spoken, from, context)
    if (event === null) continue
    events.push(event)
    done = match.index
  }
  return events
}
