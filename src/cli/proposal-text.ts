import { stringify } from 'yaml'
import type { ProposedRule } from '../article/listing/propose-rules.ts'
import type { SourceProposal } from '../crawlers/propose-rules.ts'

const scalar = (value: string) => stringify(value, { lineWidth: 0 }).trimEnd()

function ruleLines(rules: Readonly<Record<string, ProposedRule | undefined>>, of: string, indent: string): string[] {
  return Object.entries(rules).flatMap(([name, rule]) =>
    rule ? [`${indent}${name}: ${scalar(rule.selector)} # reads ${rule.matched} of ${of}`] : [],
  )
}

/** Rules that hold as they are. */
function keptLines(rules: object, indent: string): string[] {
  return Object.entries(rules).map(([name, rule]) => `${indent}${name}: ${JSON.stringify(rule)}`)
}

/**
 * Proposed rules as YAML for the source's file, each with how many of the known articles it reads; all else is comment.
 * @param missing why nothing is known of the source's articles; `null`: they were looked for
 */
export function formatProposal(file: string, { listings, articles }: SourceProposal, missing: string | null): string {
  const lines: string[] = []
  if (listings.length > 0) {
    lines.push(`# Rules that find the list again; they take the place of the old ones in ${file}:`, 'listings:')
    for (const { listing, from, proposal } of listings) {
      const { known, item, inItem } = proposal
      const of = `${known} ${from === 'archive' ? 'articles of the archive that the page names' : 'items of the automatic reading'}`
      lines.push(`  - url: ${scalar(listing.url)}`, '    rules:')
      lines.push(...ruleLines({ item, ...inItem }, of, '      '))
      const { item: _, link: _link, title: _title, publishedAt: _at, ...kept } = listing.rules ?? {}
      lines.push(...keptLines(kept, '      '))
    }
  }
  if (articles) {
    lines.push(`# Rules that read the articles as before; they take the place of "rules" in ${file}:`, 'rules:')
    lines.push(...ruleLines(articles.rules, `${articles.known} known articles`, '  '))
    lines.push(...keptLines(articles.kept, '  '))
  }
  if (missing !== null) lines.push(`# Proposed by automatic reading alone: ${missing}.`)
  else if (lines.length === 0) lines.push('# No rule was found that reads what is known of it.')
  return `${lines.join('\n')}\n`
}
