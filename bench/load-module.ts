import { existsSync } from 'node:fs'
import { z } from 'zod'
import { ConfigurationError } from '../src/model/errors.ts'

const moduleSchema = z.record(z.string(), z.unknown())

/** What one module of this folder exports. */
export interface LoadedModule {
  readonly exports: Readonly<Record<string, unknown>>
  /** Calls one of its functions. @throws {ConfigurationError} it exports none of this name */
  call(name: string, ...args: readonly string[]): Promise<unknown>
}

/**
 * A module of `bench/`, loaded when asked for, so that one measurement needs none of the others.
 * @throws {ConfigurationError} there is no such module
 */
export async function loadModule(file: string): Promise<LoadedModule> {
  const url = new URL(`./${file}.ts`, import.meta.url)
  if (!existsSync(url)) throw new ConfigurationError('bench.no-module', `There is no bench/${file}.ts`)
  const exports = moduleSchema.parse({ ...(await import(url.href)) })
  return {
    exports,
    call: async (name, ...args) => {
      const called = exports[name]
      if (typeof called !== 'function') {
        throw new ConfigurationError('bench.no-function', `bench/${file}.ts exports no function "${name}"`)
      }
      const result: unknown = await called(...args)
      return result
    },
  }
}
