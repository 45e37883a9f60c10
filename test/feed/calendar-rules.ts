// The rules of RFC 5545 that our calendars could break; each returns what is wrong.

const contentLine = /^([A-Z-]+)((?:;[A-Z-]+=(?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)*):(.*)$/
/** §3.3.11: a backslash stands before a backslash, a semicolon, a comma or an n alone, and before each of these. */
const text = /^(?:[^\\;,]|\\[\\;,nN])*$/
const dateOrUtc = /^(?:;VALUE=DATE:\d{8}|:\d{8}T\d{6}Z)$/
const textProperties = new Set(['SUMMARY', 'DESCRIPTION', 'LOCATION', 'UID'])
const onceInEvent = ['UID', 'DTSTAMP', 'DTSTART', 'DTEND', 'SUMMARY', 'DESCRIPTION', 'LOCATION', 'URL', 'TRANSP']

interface Property {
  readonly name: string
  readonly parameters: string
  readonly value: string
}

function lineFaults(calendar: string): string[] {
  const faults: string[] = []
  if (!calendar.endsWith('\r\n')) faults.push('no line break at the end')
  for (const line of calendar.slice(0, -2).split('\r\n')) {
    if (Buffer.byteLength(line) > 75) faults.push(`long line ${line}`)
    // A character in two halves is no UTF-8 in either line (§3.1).
    if (/[\0-\x08\n\r\x0b-\x1f\x7f\ufffd\ufffe\uffff]/.test(line) || /\p{Cs}/u.test(line))
      faults.push(`bad characters ${line}`)
  }
  return faults
}

function propertyFaults({ name, parameters, value }: Property): string[] {
  if (textProperties.has(name) && !text.test(value)) return [`${name} not escaped: ${value}`]
  if (name === 'CATEGORIES' && !/^(?:[^\\;]|\\[\\;,nN])*$/.test(value)) return [`${name} not escaped: ${value}`]
  if (/^DT(?:START|END)$/.test(name) && !dateOrUtc.test(`${parameters}:${value}`))
    return [`${name} ${parameters}:${value}`]
  if (name === 'DTSTAMP' && !/^\d{8}T\d{6}Z$/.test(value)) return [`DTSTAMP ${value}`]
  if (name === 'URL' && !/^https?:\/\/[!-~]+$/.test(value)) return [`URL ${value}`]
  return []
}

function eventFaults(event: readonly Property[]): string[] {
  const all = (name: string) => event.filter((property) => property.name === name)
  const [start, end] = [all('DTSTART')[0], all('DTEND')[0]]
  return [
    ...['UID', 'DTSTAMP', 'DTSTART', 'SUMMARY'].filter((name) => all(name).length === 0).map((name) => `no ${name}`),
    ...onceInEvent.filter((name) => all(name).length > 1).map((name) => `${name} twice`),
    ...all('SUMMARY').flatMap(({ value }) => (value.trim() === '' ? ['empty SUMMARY'] : [])),
    // §3.6.1: of one type, and later.
    ...(start && end && (start.parameters !== end.parameters || start.value >= end.value) ? ['DTEND'] : []),
    ...event.flatMap(propertyFaults),
  ]
}

/** What is wrong with an iCalendar document. @returns faults, and how many events it has */
export function calendarFaults(calendar: string): { readonly faults: readonly string[]; readonly events: number } {
  const faults = lineFaults(calendar)
  const open: string[] = []
  const uids = new Set<string>()
  const top: string[] = []
  let event: Property[] = []
  let events = 0
  for (const line of calendar.replaceAll('\r\n ', '').trimEnd().split('\r\n')) {
    const [, name = '', parameters = '', value = ''] = contentLine.exec(line) ?? []
    if (name === '') faults.push(`no content line: ${line}`)
    else if (name === 'BEGIN') open.push(value)
    else if (name === 'END') {
      if (open.pop() !== value) faults.push(`END:${value}`)
      if (value !== 'VEVENT') continue
      faults.push(...eventFaults(event))
      const uid = event.find((property) => property.name === 'UID')?.value ?? ''
      if (uids.has(uid)) faults.push(`UID ${uid} twice`)
      uids.add(uid)
      event = []
      events++
    } else if (open.at(-1) === 'VEVENT') event.push({ name, parameters, value })
    else top.push(`${name}:${name === 'VERSION' ? value : ''}`)
  }
  for (const needed of ['VERSION:2.0', 'PRODID:']) if (!top.includes(needed)) faults.push(`no ${needed}`)
  if (open.length > 0) faults.push(`open ${open.join(', ')}`)
  return { faults, events }
}
