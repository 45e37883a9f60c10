import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { readPostmasterFile } from '../src/archive/embedded/postmaster-file.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The data folder of the one PostgreSQL that all test files of a run share; started by the first that asks. */
    sharedDataFolder: string
  }
}

function newestChange(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return Math.max(...files.map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs))
}

/** Tests of the commands run what ships, so it must be what is here. */
function buildIfStale(): void {
  const isFresh = existsSync('dist/cli/main.js') && statSync('dist/cli/main.js').mtimeMs > newestChange('src')
  if (isFresh) return
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], { stdio: 'inherit' })
  execFileSync(process.execPath, ['scripts/copy-assets.mjs'], { stdio: 'inherit' })
}

export function setup(project: TestProject): () => void {
  buildIfStale()
  const folder = mkdtempSync(join(tmpdir(), 'newsfold-tests-'))
  project.provide('sharedDataFolder', folder)
  return () => {
    const server = readPostmasterFile(join(folder, 'postgres', 'data'))
    // Nothing of it is kept, so it need not be put down gently.
    if (server) process.kill(server.pid, 'SIGQUIT')
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  }
}
