import type { AnnouncedEvent } from '../../model/article.ts'
import { eventTimes, isAhead, wordsOf } from './announced.ts'
import { findTimes, type TimeReference } from './read-time.ts'

const announced =
  /\b(?:will (?:be (?:held|hosted|staged|opened|unveiled|launched)|take place|kick off|open|begin|start|run|return)|is (?:scheduled|set|due) (?:for|to (?:be held|take place|open|begin|start|kick off|run))|are (?:scheduled|set|due) to (?:be held|take place))\b/i
const hosted =
  /\b(?:will|is (?:scheduled|set) to|plans to) (?:also )?(?:hold|host|stage|organi[sz]e|present|kick off) (?:a |an |the |its |their |our )?([^,;:]{6,100}?)\s(?=on\s|from\s|in\s|at\s)/i
const notAhead =
  /\b(?:was|were|had been) (?:held|scheduled|cancell?ed|postponed)|cancell?ed|postponed|deadline|applications?\b|register(?:ed)? by/i
const eventNoun =
  /\b(?:conference|summit|forum|expo|exhibition|fair|festival|congress|symposium|workshop|meeting|ceremony|briefing|webinar|event|games|championship|cup|marathon|show|seminar|convention|gala|concert|tour|series|day|week|session|launch|hackathon|awards?|call|dialogue|biennale|match|race)\b/i
const place =
  /\b(?:in|at)\s((?:the\s)?[A-Z][\p{L}\d'’.-]*(?:\s(?:of\s|the\s|and\s)?[A-Z][\p{L}\d'’.-]*){0,6}(?:,\s[A-Z][\p{L}'’-]+(?:\s[A-Z][\p{L}'’-]+)?)?)/gu
const months = /^(?:January|February|March|April|May|June|July|August|September|October|November|December)\b/

/** Names are told from sentences by their length. */
const nameLengths = { min: 6, max: 100 } as const

function subjectOf(before: string): string {
  const clause = before.split(/[,;:]\s|\bthat\s|\bannounced\s|\bsaid\s/).at(-1) ?? before
  return clause
    .replace(/^\s*(?:the|an?|this year['’]s|its|their|our)\s/i, '')
    .replace(/\s(?:also|now|which|that)$/i, '')
    .trim()
}

function placeIn(text: string): string | null {
  for (const match of text.matchAll(place)) {
    const found = match[1]?.replace(/\.$/, '')
    if (found !== undefined && !months.test(found)) return found
  }
  return null
}

/** The event that one English sentence announces, if any. */
export function readEnglishEvents(sentence: string, from: TimeReference): AnnouncedEvent[] {
  const passive = announced.exec(sentence)
  const match = passive ?? hosted.exec(sentence)
  if (!match || notAhead.test(sentence)) return []
  const title = passive ? subjectOf(sentence.slice(0, match.index)) : (match[1] ?? '').trim()
  if (title.length < nameLengths.min || title.length > nameLengths.max || !eventNoun.test(title)) return []
  if (/^(?:it|he|she|they|we|this|these|event|conference|meeting)$/i.test(title)) return []
  const times = findTimes(sentence, { ...from, toward: 'future' })
  const found = times.find((time) => time.index > match.index) ?? times.at(-1)
  const when = found && eventTimes(found.time)
  if (!found || !when || !isAhead(when.start, from, true, wordsOf(found, sentence))) return []
  return [{ title, start: when.start, end: when.end, place: placeIn(sentence.slice(match.index)) }]
}
