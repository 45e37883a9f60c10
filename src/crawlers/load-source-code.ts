import { fileURLToPath } from 'node:url'
import { ConfigurationError, describeError } from '../model/errors.ts'
import type { SourceCode } from './define-source.ts'

const loaded = new Map<string, Promise<SourceCode>>()

/**
 * Loads the code of a source, once for each version of its file.
 * @param address file URL with the time of its last change as query
 * @throws {ConfigurationError} `code.unloadable`, `code.no-export`
 */
export function loadSourceCode(address: string): Promise<SourceCode> {
  const known = loaded.get(address)
  if (known) return known
  const loading = load(address)
  loaded.set(address, loading)
  return loading
}

async function load(address: string): Promise<SourceCode> {
  const file = fileURLToPath(address)
  let module: unknown
  try {
    module = await importAny(address)
  } catch (cause) {
    throw new ConfigurationError('code.unloadable', `Cannot load ${file}: ${describeError(cause)}`, cause)
  }
  const code: unknown = typeof module === 'object' && module !== null && 'source' in module ? module.source : null
  if (isSourceCode(code)) return code
  throw new ConfigurationError(
    'code.no-export',
    `Cannot use ${file}: expected "export const source = defineSource({ … })" with readListing, readArticle or both.`,
  )
}

/** Whether this Node takes types away by itself (22.18 and newer). */
function readsTypes(): boolean {
  return Boolean(Reflect.get(process.features, 'typescript'))
}

async function importAny(address: string): Promise<unknown> {
  if (!new URL(address).pathname.endsWith('.ts') || readsTypes()) return await import(address)
  try {
    const { tsImport } = await import('tsx/esm/api')
    return await tsImport(address, import.meta.url)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) throw error
    throw new Error(
      `Node ${process.versions.node} reads no TypeScript: use 22.18 or newer, install tsx, or write it as .mjs`,
      { cause: error },
    )
  }
}

function isSourceCode(value: unknown): value is SourceCode {
  if (typeof value !== 'object' || value === null) return false
  const parts = ['readListing', 'readArticle'].map((name): unknown => Reflect.get(value, name))
  return (
    parts.some((part) => typeof part === 'function') &&
    parts.every((part) => part === undefined || typeof part === 'function')
  )
}
