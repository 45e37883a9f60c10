import type { SeenRequest } from '../../src/newsroom/site-server.ts'

/** A request with those around it, by seconds from it. */
function surroundings(requests: readonly SeenRequest[], index: number): string {
  const from = requests[index]?.beganAt ?? 0
  return requests
    .slice(Math.max(0, index - 4), index + 3)
    .map(({ beganAt, agent, path }) => `${((beganAt - from) / 1000).toFixed(2)} s ${agent.split('/').at(-1)} ${path}`)
    .join(', ')
}

/**
 * Finds crawls of one site by two processes at one time. A crawl begins with robots.txt or the listing, which is all that
 * a poll asks for; a process that asks for anything else after another one has done so is in the middle of a crawl of
 * its own, and so is one that is still answered.
 * @param requests of one site; each process names itself differently
 */
export function findOverlaps(requests: readonly SeenRequest[], listingPath: string): string[] {
  const found: string[] = []
  let agent: string | null = null
  let endedAt = 0
  /** Who has begun since somebody else asked for an article. */
  let begun = new Set<string>()
  const inOrder = requests.toSorted((a, b) => a.beganAt - b.beganAt)
  for (const [index, request] of inOrder.entries()) {
    const isBeginning = request.path === listingPath || request.path === '/robots.txt'
    const isAnswered = request.agent === agent || request.beganAt >= endedAt
    if (agent !== null && !(isAnswered && (isBeginning || begun.has(request.agent)))) {
      const what = `${request.agent} asked for ${request.path} in a crawl of ${agent}`
      found.push(`${what} (${surroundings(inOrder, index)})`)
    }
    if (request.agent !== agent) endedAt = 0
    if (isBeginning) begun.add(request.agent)
    else begun = new Set([request.agent])
    agent = request.agent
    endedAt = Math.max(endedAt, request.endedAt)
  }
  return found
}
