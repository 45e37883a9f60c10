import type { Verdict } from './compare.ts'
import type { Fingerprint } from './fingerprint.ts'

/** A known article that the new one was compared with. */
export interface Compared {
  readonly articleId: string
  readonly storyId: string
  readonly print: Fingerprint
  readonly verdict: Verdict
}

/** The story that a new article belongs to, and the member that it was recognised by. */
export interface Choice {
  readonly storyId: string
  readonly because: Compared
}

/**
 * Which of the stories of the compared articles a new article belongs to; `null` when it begins a story of its own.
 * `compared` must hold the fullest member of each story that has a member of the same news.
 */
export function chooseStory(print: Fingerprint, compared: readonly Compared[]): Choice | null {
  const choices: Choice[] = []
  let summarised = 0
  for (const [storyId, members] of groupByStory(compared)) {
    const same = members.filter((member) => member.verdict.same).toSorted((a, b) => strength(b) - strength(a))
    const because = same[0]
    if (!because) continue
    const fullest = members.reduce((a, b) => (b.print.words > a.print.words ? b : a))
    // A summary fits into a round-up as well as into its own release: the whole release has to agree.
    if (because.verdict.reason === 'summary' && !fullest.verdict.same) continue
    if (because.verdict.reason === 'summary' && because.print.words < print.words) summarised++
    choices.push({ storyId, because })
  }
  // A text that has the beginnings of several stories is a round-up of them.
  const eligible = summarised > 1 ? choices.filter((choice) => choice.because.verdict.reason !== 'summary') : choices
  return eligible.toSorted((a, b) => strength(b.because) - strength(a.because))[0] ?? null
}

/**
 * The fingerprint as it is to be kept: an article without a time has that of the member it was recognised by.
 * Otherwise it would hold this year's notice and last year's together, being near to both.
 */
export function datedByStory(print: Fingerprint, choice: Choice | null): Fingerprint {
  return { ...print, publishedAt: print.publishedAt ?? choice?.because.print.publishedAt ?? null }
}

function strength({ verdict }: Compared): number {
  return verdict.overlap.ofShort + verdict.overlap.ofLong + verdict.overlap.titles / 2
}

function groupByStory(compared: readonly Compared[]): Map<string, Compared[]> {
  const stories = new Map<string, Compared[]>()
  for (const member of compared) {
    const members = stories.get(member.storyId)
    if (members) members.push(member)
    else stories.set(member.storyId, [member])
  }
  return stories
}
