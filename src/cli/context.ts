import type { Logger } from 'pino'
import { createLogger } from '../runtime/logger.ts'
import { readSettings, type Settings } from '../runtime/settings.ts'

/** What every command starts from. */
export interface Context {
  readonly settings: Settings
  readonly log: Logger
}

/**
 * Reads the settings and makes the logger.
 * @param level used where `NEWSFOLD_LOG_LEVEL` is not set: commands that talk to a person log only what went wrong
 */
export function createContext(level: string): Context {
  const settings = readSettings(process.env)
  return { settings, log: createLogger(process.env['NEWSFOLD_LOG_LEVEL'] ? settings.NEWSFOLD_LOG_LEVEL : level) }
}
