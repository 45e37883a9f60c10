import type { AlertRecord } from '../archive/alerts.ts'

/** A trouble in a few words, in both languages. */
export interface AlertWords {
  readonly zh: string
  readonly en: string
}

const states: Readonly<Record<string, string>> = { gone: '已不在', blocked: '被拒', broken: '失败', degraded: '有缺' }
const subjects: Readonly<Record<string, AlertWords>> = {
  disk: { zh: '磁盘将满', en: 'disk nearly full' },
  queue: { zh: '抓取延误', en: 'crawls overdue' },
  'queue-away': { zh: '队列无应答', en: 'queue does not answer' },
  deliveries: { zh: '推送失败', en: 'deliveries given up' },
  'deliveries-late': { zh: '推送延误', en: 'deliveries overdue' },
  subscribers: { zh: '订阅方不接收', en: 'subscribers take nothing' },
  test: { zh: '测试', en: 'test' },
}

/** What can be wrong besides sources; a test is no trouble. */
export const subjectKeys: readonly string[] = Object.keys(subjects).filter((key) => key !== 'test')

/** What a trouble is: of a source its id and state, `来源 ndrc 失败` and `source ndrc broken`. */
export function alertWords({ key, says }: Pick<AlertRecord, 'key' | 'says'>): AlertWords {
  const [, id] = /^source:(.*)$/.exec(key) ?? []
  if (id === undefined) return subjects[key] ?? { zh: key, en: key }
  // A source's line begins with its state.
  const state = /^\w+/.exec(says)?.[0] ?? ''
  return { zh: `来源 ${id} ${states[state] ?? ''}`.trim(), en: `source ${id} ${state}`.trim() }
}
