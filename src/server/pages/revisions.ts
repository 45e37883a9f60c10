import type { RevisionRecord } from '../../archive/stories.ts'
import { diffTexts, type DiffPart } from '../../dedup/text-diff.ts'
import { html, type Html } from '../html.ts'

/** The latest ones: a bulletin that is rewritten all day has dozens. */
const mostShown = 5
/** Comparing longer texts would keep other readers waiting; such revisions are listed only. */
const longestCompared = 30_000
/** What is kept of unchanged text on each side of a change. */
const contextLength = 24

function unchanged(text: string, isFirst: boolean, isLast: boolean): string {
  const characters = Array.from(text)
  if (characters.length <= contextLength * 2) return text
  const start = isFirst ? '' : characters.slice(0, contextLength).join('')
  const end = isLast ? '' : characters.slice(-contextLength).join('')
  return `${start}…${end}`
}

function partOf(part: DiffPart, index: number, parts: readonly DiffPart[]): Html {
  if (part.kind === 'added') return html`<ins>${part.text}</ins>`
  if (part.kind === 'removed') return html`<del>${part.text}</del>`
  return html`${unchanged(part.text, index === 0, index === parts.length - 1)}`
}

function changeOf(before: RevisionRecord, after: RevisionRecord, language: string): Html | null {
  const texts = [before, after].map(({ title, bodyText }) => `${title}\n${bodyText}`)
  const [old = '', now = ''] = texts
  if (old.length + now.length > longestCompared) return null
  const parts = diffTexts(old, now, language)
  return html`<p class="diff">${parts.map(partOf)}</p>`
}

/** What each revision changed, the latest first; nothing for a text that was never changed. */
export function revisionLines(revisions: readonly RevisionRecord[], language: string): Html[] {
  return revisions
    .map((revision, index) => ({ revision, before: revisions[index - 1] }))
    .filter(({ before }) => before !== undefined)
    .slice(-mostShown)
    .toReversed()
    .map(({ revision, before }) => {
      const seen = revision.seenAt.toISOString()
      return html`<time datetime="${seen}">${seen.slice(0, 16).replace('T', ' ')} UTC</time>
        ${before ? changeOf(before, revision, language) : null}`
    })
}
