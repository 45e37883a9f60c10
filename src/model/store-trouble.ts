/** A database or a Redis that others run, by the setting that says where it is. */
export type StoreSetting = 'DATABASE_URL' | 'REDIS_URL'

interface Advice {
  /** Codes of the system, of Node or of PostgreSQL, and first words of Redis; or what is said where there is no code. */
  readonly is: RegExp
  readonly says: (setting: StoreSetting) => string
}

const advices: readonly Advice[] = [
  {
    is: /^(ECONNREFUSED|ENOENT)\b/,
    says: (setting) => `Nothing listens there: start it, or correct host and port in ${setting}`,
  },
  {
    is: /^(ENOTFOUND|EAI_AGAIN)\b/,
    says: (setting) => `Its host has no address: correct the name in ${setting}, or look at the name service`,
  },
  {
    is: /^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)\b|timeout|timed out/i,
    says: (setting) =>
      `Nothing comes back from there: see whether it runs, to firewalls, and to the host in ${setting}`,
  },
  // Before the password: PostgreSQL says so with the same code.
  {
    is: /\b(SSL|TLS|certificate|no encryption)\b|^(ERR_TLS|ERR_SSL|DEPTH_ZERO|SELF_SIGNED|CERT_|UNABLE_TO_VERIFY)/i,
    says: (setting) =>
      setting === 'REDIS_URL'
        ? 'Encryption does not fit: write rediss:// in REDIS_URL where it wants TLS, redis:// where it has none'
        : 'Encryption does not fit: write sslmode=disable, no-verify or verify-full in DATABASE_URL, as the server has it',
  },
  {
    is: /^(28P01|28000|WRONGPASS|NOAUTH|NOPERM)\b|invalid password|without any password/,
    says: (setting) => `It does not let us in: correct user and password in ${setting}`,
  },
  {
    is: /^3D000\b/,
    says: () => 'There is no such database: make it (createdb), or correct the name in DATABASE_URL',
  },
  {
    is: /^42501\b/,
    says: () => 'The user may not do that: let it make a schema (grant create on database … to …)',
  },
  {
    is: /^53300\b/,
    says: () => 'It has no connection left: let it take more (max_connections), or run fewer processes',
  },
  { is: /^(57P03|LOADING)\b/, says: () => 'It is starting: try again in a moment' },
]

/** What to try when a store cannot be used, by the kind of its error: a sentence without its full stop. */
export function whatToTry(setting: StoreSetting, error: unknown): string {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
  const message = error instanceof Error ? error.message : String(error)
  const found = advices.find(({ is }) => is.test(code) || is.test(message))
  return found?.says(setting) ?? `See whether it runs, and check ${setting}`
}
