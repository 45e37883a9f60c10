import type { SeenRequest } from '../../src/newsroom/site-server.ts'

/**
 * Finds crawls of one site by two processes at one time. A crawl begins with robots.txt or the listing; a process that
 * asks for anything else after another one has asked is in the middle of a crawl, and so is one that is still answered.
 * @param requests of one site; each process names itself differently
 */
export function findOverlaps(requests: readonly SeenRequest[], listingPath: string): string[] {
  const found: string[] = []
  let agent = ''
  let endedAt = 0
  for (const request of requests.toSorted((a, b) => a.beganAt - b.beganAt)) {
    if (agent !== '' && request.agent !== agent) {
      const isBeginning = request.path === listingPath || request.path === '/robots.txt'
      const isAnswered = request.beganAt >= endedAt
      if (!isBeginning || !isAnswered) found.push(`${request.agent} asked for ${request.path} in a crawl of ${agent}`)
      endedAt = 0
    }
    agent = request.agent
    endedAt = Math.max(endedAt, request.endedAt)
  }
  return found
}
