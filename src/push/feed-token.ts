import { createHash, randomBytes } from 'node:crypto'

/** A token as its subscriber gets it, once, and as the archive keeps it. */
export interface NewToken {
  readonly token: string
  readonly hash: string
  /** Names it on lists. */
  readonly id: string
}

/** What the archive keeps in a token's place. It is random and long, so a plain hash cannot be undone. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}

/** A token of 256 random bits. */
export function newToken(): NewToken {
  const token = randomBytes(32).toString('base64url')
  return { token, hash: tokenHash(token), id: randomBytes(4).toString('hex') }
}

/** The path of a private feed, as the holder of a token sees it. */
export function privatePath(token: string, path: string): string {
  return `/private/${token}${path}`
}
