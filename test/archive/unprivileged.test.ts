import { fork } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { runSql } from '../a-database.ts'
import { findRequirement } from '../requirements.ts'

// A hang guard: a busy machine takes its time to start a server.
vi.setConfig({ testTimeout: 60_000 })

const nobody = { uid: 65_534, gid: 65_534 }
const unprivileged = findRequirement('unprivileged')

describe.skipIf(unprivileged.isMissing)(`as another user than root${unprivileged.note}`, () => {
  test('the embedded server starts, belongs to that user, and is stopped', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'newsfold-nobody-'))
    chownSync(folder, nobody.uid, nobody.gid)
    chmodSync(folder, 0o700)
    const child = fork('test/archive/hold-server.ts', [folder], { ...nobody, execArgv: ['--import', 'tsx'] })
    try {
      const [message] = await once(child, 'message')
      const { connectionString } = z.object({ connectionString: z.string() }).parse(message)
      expect(await runSql(connectionString, 'select 1 as one')).toEqual([{ one: 1 }])
      expect(statSync(join(folder, 'postgres', 'data')).uid).toBe(nobody.uid)
      expect(statSync(join(folder, 'postgres', 'password')).mode & 0o777).toBe(0o600)
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
      expect(existsSync(join(folder, 'postgres', 'data', 'postmaster.pid'))).toBe(false)
    } finally {
      child.kill('SIGKILL')
      rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
    }
  })
})
