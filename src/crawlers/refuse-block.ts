import { UnreachableError } from '../model/errors.ts'
import type { Page } from '../model/page.ts'
import { blockOf, isLoginWall } from './block-signs.ts'
import type { RunContext } from './run-context.ts'

/**
 * Refuses a page that is a challenge and not what was asked for, and counts it.
 * @throws {UnreachableError} code `page.blocked`
 */
export function refuseChallenge(context: RunContext, page: Page, what: 'listing' | 'article'): void {
  const block = blockOf({ status: page.status, header: () => null, body: page.body })
  if (block === null) return
  context.tally.blocked(block, what)
  throw new UnreachableError(
    'page.blocked',
    `Cannot read ${page.url}: expected a page, got one that keeps programs out (${block}). It is tried again later; if it ` +
      'stays, ask the publisher for a feed or for leave.',
  )
}

/**
 * Refuses a page that asks its reader to sign in, and counts it.
 * @throws {UnreachableError} code `page.blocked`
 */
export function refuseLoginWall(context: RunContext, page: Page, articleLength: number): void {
  if (!isLoginWall(page, articleLength)) return
  context.tally.blocked('login wall', 'article')
  throw new UnreachableError(
    'page.blocked',
    `Cannot read ${page.url}: expected an article, got a page that asks to sign in. It is tried again later; if it stays, ` +
      'take the source out, or ask the publisher for leave.',
  )
}
