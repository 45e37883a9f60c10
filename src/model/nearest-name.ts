/** Levenshtein distance, row by row. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [i, letter] of Array.from(a).entries()) {
    const next = [i + 1]
    for (const [j, other] of Array.from(b).entries()) {
      const substitute = (row[j] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(substitute, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}

/** More would be a list, and there is a command for that. */
const mostOffered = 3

/** The known names that a misspelt one was probably meant to be, the nearest first; those that are much further are left. */
function nearestNames(name: string, known: Iterable<string>): string[] {
  const farthest = Math.max(2, Math.ceil(name.length / 3))
  const near = Array.from(known, (candidate) => ({
    candidate,
    distance: editDistance(name.toLowerCase(), candidate.toLowerCase()),
  }))
    .filter(({ distance }) => distance <= farthest)
    .toSorted((a, b) => a.distance - b.distance)
  const best = near[0]?.distance ?? 0
  return near
    .filter(({ distance }) => distance <= best + 1)
    .slice(0, mostOffered)
    .map(({ candidate }) => candidate)
}

/** The nearest of them; `null` when none is near. */
export function nearestName(name: string, known: Iterable<string>): string | null {
  return nearestNames(name, known)[0] ?? null
}

/** `; did you mean "a", "b" or "c"?`, to go on with in a sentence; empty when none is near. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const names = nearestNames(name, known).map((near) => `"${near}"`)
  const last = names.pop()
  if (last === undefined) return ''
  return `; did you mean ${names.length > 0 ? `${names.join(', ')} or ` : ''}${last}?`
}
