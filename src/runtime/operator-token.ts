import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigurationError, describeError } from '../model/errors.ts'

const fileName = 'operator-token'

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

function readToken(file: string): string {
  const token = readFileSync(file, 'utf8').trim()
  if (/^[\w-]{20,200}$/.test(token)) return token
  throw new ConfigurationError(
    'operator.bad-token',
    `${file}: expected a token of 20 to 200 letters, digits, "-" and "_". Remove the file, and the next start makes one.`,
  )
}

export interface OperatorToken {
  readonly token: string
  /** Where it is kept. */
  readonly file: string
  /** Whether it was made just now. */
  readonly isNew: boolean
}

/**
 * The token that opens what operators alone may do, made at the first start and kept in the data folder, readable by
 * its owner only. Processes that start at the same moment agree on one.
 * @throws {ConfigurationError} the file cannot be read or written, or holds no token
 */
export function operatorToken(dataFolder: string): OperatorToken {
  const file = join(dataFolder, fileName)
  const token = randomBytes(32).toString('base64url')
  try {
    mkdirSync(dataFolder, { recursive: true })
    writeFileSync(file, `${token}\n`, { mode: 0o600, flag: 'wx' })
    return { token, file, isNew: true }
  } catch (error) {
    if (isCode(error, 'EEXIST')) return { token: readToken(file), file, isNew: false }
    throw new ConfigurationError('operator.no-token', `Cannot write ${file}: ${describeError(error)}`, error)
  }
}
