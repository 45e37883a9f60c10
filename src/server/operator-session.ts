import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/** Where the cookie is sent: readers' pages, which everybody shares, never see it. */
export const operatorPath = '/operator'
const cookieName = 'newsfold-operator'
/** A working day. */
const sessionMs = 12 * 3_600_000

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
const isSame = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b))

function signature(endsAt: string, key: Buffer): string {
  return createHmac('sha256', key).update(endsAt).digest('base64url')
}

/** Who is an operator: by the token, or by a cookie that the token was exchanged for. */
export interface OperatorSessions {
  isToken(given: string): boolean
  /** Whether a `Cookie` header holds a session that has not ended. */
  isOpen(cookies: string | undefined, now: Date): boolean
  /** The `Set-Cookie` of a new session. */
  begin(now: Date, isSecure: boolean): string
  /** The `Set-Cookie` that ends one. */
  end(): string
}

/**
 * Sessions that need no memory: when one ends, signed with what follows from the token. Any process that has the token
 * knows them, and another token ends them all.
 * @param token `null`: nobody is let in
 */
export function operatorSessions(token: string | null): OperatorSessions {
  const expected = token === null ? null : digest(token)
  const key = token === null ? null : digest(`session of ${token}`)
  const attributes = `Path=${operatorPath}; HttpOnly; SameSite=Strict`

  return {
    isToken: (given) => expected !== null && timingSafeEqual(digest(given), expected),
    isOpen: (cookies, now) => {
      const found = (cookies ?? '').split(/;\s*/).find((cookie) => cookie.startsWith(`${cookieName}=`))
      const [, endsAt, signed] = /=(\d{13})\.([\w-]{43})$/.exec(found ?? '') ?? []
      if (key === null || endsAt === undefined || signed === undefined) return false
      return isSame(signed, signature(endsAt, key)) && Number(endsAt) > now.getTime()
    },
    begin: (now, isSecure) => {
      const endsAt = String(now.getTime() + sessionMs)
      const value = key === null ? '' : `${endsAt}.${signature(endsAt, key)}`
      return `${cookieName}=${value}; ${attributes}; Max-Age=${sessionMs / 1000}${isSecure ? '; Secure' : ''}`
    },
    end: () => `${cookieName}=; ${attributes}; Max-Age=0`,
  }
}
