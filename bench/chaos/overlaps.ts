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
 * Finds crawls of one site by two processes at one time. A crawl begins with robots.txt or the listing; a process that
 * asks for anything else after another one has asked is in the middle of a crawl, and so is one that is still answered.
 * @param requests of one site; each process names itself differently
 */
export function findOverlaps(requests: readonly SeenRequest[], listingPath: string): string[] {
  const found: string[] = []
  let agent = ''
  let endedAt = 0
  const inOrder = requests.toSorted((a, b) => a.beganAt - b.beganAt)
  for (const [index, request] of inOrder.entries()) {
    if (agent !== '' && request.agent !== agent) {
      const isBeginning = request.path === listingPath || request.path === '/robots.txt'
      const isAnswered = request.beganAt >= endedAt
      if (!isBeginning || !isAnswered) {
        const what = `${request.agent} asked for ${request.path} in a crawl of ${agent}`
        found.push(`${what} (${surroundings(inOrder, index)})`)
      }
      endedAt = 0
    }
    agent = request.agent
    endedAt = Math.max(endedAt, request.endedAt)
  }
  return found
}
