import { spawnSync } from 'node:child_process'
import Parser from 'rss-parser'

/** What a reader sees of a feed. */
export interface SeenFeed {
  readonly items: readonly { readonly guid: string; readonly link: string }[]
}

export type FeedCheck =
  | { readonly kind: 'valid'; readonly feed: SeenFeed }
  | { readonly kind: 'invalid'; readonly why: string }

// What XML 1.0 §2.2 forbids, lone surrogates included: parsers differ in whether they mind.
const forbidden =
  /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/

/** The second opinion, on machines that have it. */
const xmllint = 'xmllint'
const hasXmllint = spawnSync(xmllint, ['--version'], { stdio: 'ignore' }).status === 0

/** Reads a feed as a strict reader does: well-formed XML, RSS with items, each with a guid and a link of its own. */
export async function checkFeed(xml: string): Promise<FeedCheck> {
  if (forbidden.test(xml)) return { kind: 'invalid', why: 'has characters that XML forbids' }
  if (hasXmllint) {
    const result = spawnSync(xmllint, ['--noout', '-'], { input: xml, encoding: 'utf8' })
    if (result.status !== 0) return { kind: 'invalid', why: `xmllint: ${result.stderr.split('\n')[0] ?? ''}` }
  }
  try {
    const { items } = await new Parser().parseString(xml)
    const seen = items.map(({ guid = '', link = '' }) => ({ guid, link }))
    const bare = seen.find(({ guid, link }) => guid === '' || link === '')
    return bare
      ? { kind: 'invalid', why: 'has an item without guid or link' }
      : { kind: 'valid', feed: { items: seen } }
  } catch (error) {
    return { kind: 'invalid', why: error instanceof Error ? error.message : String(error) }
  }
}
