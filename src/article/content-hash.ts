import { createHash } from 'node:crypto'

/** SHA-256 in hex of title and text; spacing and width of characters aside, so that a new layout is no new revision. */
export function contentHash(title: string | null, bodyText: string): string {
  const folded = `${title ?? ''}\n${bodyText}`.normalize('NFKC').replace(/[^\S\n]+/g, '')
  return createHash('sha256').update(folded).digest('hex')
}
