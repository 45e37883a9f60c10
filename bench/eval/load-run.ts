import { existsSync } from 'node:fs'
import { z } from 'zod'
import { ConfigurationError } from '../../src/model/errors.ts'

const moduleSchema = z.record(z.string(), z.unknown())

/**
 * A function that a module of `bench/` exports. Loaded when asked for, so that one measurement needs none of the others.
 * @throws {ConfigurationError} no such module, or it exports no such function
 */
export async function loadRun(file: string, name: string): Promise<(...args: readonly string[]) => Promise<unknown>> {
  const url = new URL(`../${file}.ts`, import.meta.url)
  if (!existsSync(url)) throw new ConfigurationError('bench.no-module', `There is no bench/${file}.ts`)
  const run = moduleSchema.parse({ ...(await import(url.href)) })[name]
  if (typeof run !== 'function') {
    throw new ConfigurationError('bench.no-function', `bench/${file}.ts exports no function "${name}"`)
  }
  return async (...args) => {
    const result: unknown = await run(...args)
    return result
  }
}
