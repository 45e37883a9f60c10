import type { AlertRecord } from '../archive/alerts.ts'
import { linesShown, lasted } from './alert-message.ts'
import { alertWords } from './alert-words.ts'

export interface AlertMail {
  readonly subject: string
  readonly text: string
}

const timeOf = (at: Date): string => `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`
const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()

/** The trouble and what is said of it; a source's line says its state again, which is left out. */
function sentence(words: string, says: string): string {
  const state = /\S+$/.exec(words)?.[0] ?? ''
  const rest = oneLine(says)
  return rest.startsWith(`${state}: `) ? `${words}: ${rest.slice(state.length + 2)}` : `${words}: ${rest}`
}

/** `来源 ndrc 失败 · source ndrc broken`, or how many there are. */
function subjectOf(records: readonly AlertRecord[], sign: string, many: readonly [string, string]): string[] {
  const [first] = records
  if (!first) return []
  if (records.length > 1) return [`${sign} ${records.length} ${many[0]} ${many[1]}`]
  const { zh, en } = alertWords(first)
  return [`${sign} ${zh} · ${en}`]
}

function paragraphs(
  records: readonly AlertRecord[],
  write: (record: AlertRecord) => readonly string[],
): readonly string[] {
  const shown = records.slice(0, linesShown).map((record) => write(record).join('\n'))
  const rest = records.length - shown.length
  return rest > 0 ? [...shown, `… 还有 ${rest} 项 and ${rest} more`] : shown
}

/**
 * One mail for all that began and all that is over, in Chinese and English, as plain text.
 * @param publicUrl where the operator's pages are; `null`: unknown
 */
export function alertMail(
  begun: readonly AlertRecord[],
  over: readonly AlertRecord[],
  publicUrl: string | null,
): AlertMail {
  const pageOf = (key: string): string[] =>
    publicUrl !== null && key.startsWith('source:')
      ? [`  ${publicUrl}/operator/sources/${key.slice('source:'.length)}`]
      : []
  const begunText = paragraphs(begun, (record) => {
    const { zh, en } = alertWords(record)
    return [`✗ ${zh}（自 ${timeOf(record.since)}）`, `  ${sentence(en, record.says)}`, ...pageOf(record.key)]
  })
  const overText = paragraphs(over, (record) => {
    const { zh, en } = alertWords(record)
    return [`✓ ${zh}：已恢复`, `  ${en}: over, after ${lasted(record)}`]
  })
  const [first] = begun
  const mute = first ? [`不想再收到 To hear no more of it: newsfold alerts mute ${first.key} --for 7d`] : []
  return {
    subject: [
      'Newsfold',
      ...subjectOf(begun, '✗', ['个问题', 'in trouble']),
      ...subjectOf(over, '✓', ['项恢复', 'over']),
    ].join(' '),
    text: `${[...begunText, ...overText, ...mute].join('\n\n')}\n`,
  }
}
