import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isAlive, readPostmasterFile } from '../../src/archive/embedded/postmaster-file.ts'
import { copyUsedData } from '../used-data.ts'

/** The command in a folder of its own. */
export interface Installation {
  /** The data folder. */
  readonly data: string
  readonly config: string
  /** Runs a command to its end. */
  run(args: readonly string[], more?: { input?: string | Uint8Array; env?: Record<string, string> }): Promise<Finished>
  /** Starts a command that goes on. */
  start(args: readonly string[], env?: Record<string, string>): Running
  /** Ends what still runs, its PostgreSQL too, and removes the folder. */
  remove(): Promise<void>
}

export interface Finished {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export interface Running {
  readonly child: ChildProcess
  readonly finished: Promise<Finished>
  /** What it has written to standard output so far. */
  readonly out: () => string
}

const isSetting = (name: string) => /^(NEWSFOLD_|DATABASE_URL$|REDIS_URL$)/.test(name)

/** The environment without settings of whoever runs the tests. */
function bareEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value === undefined || isSetting(name) ? [] : [[name, value]],
    ),
  )
}

/** Whether the embedded server of a data folder runs. */
export function hasPostgres(data: string): boolean {
  const file = readPostmasterFile(join(data, 'postgres', 'data'))
  return file !== null && isAlive(file.pid)
}

/**
 * An installation with these source files and one feed of everything.
 * @param more.isNew nothing was run in it yet, so that its archive has to be made
 */
export function anInstallation(
  sources: Readonly<Record<string, string>> = {},
  { isNew = false }: { isNew?: boolean } = {},
): Installation {
  const root = mkdtempSync(join(tmpdir(), 'newsfold-cli-'))
  const [data, config] = [join(root, 'data'), join(root, 'config')]
  mkdirSync(join(config, 'sources'), { recursive: true })
  writeFileSync(join(config, 'feeds.yaml'), 'feeds:\n  - { id: all, title: 全部 }\n')
  for (const [id, text] of Object.entries(sources)) writeFileSync(join(config, 'sources', `${id}.yaml`), text)
  if (!isNew) copyUsedData(data, bareEnvironment())
  const running = new Set<Running>()

  const start = (args: readonly string[], env: Record<string, string> = {}): Running => {
    const child = spawn(process.execPath, ['bin/newsfold.js', ...args], {
      env: { ...bareEnvironment(), NEWSFOLD_DATA: data, NEWSFOLD_CONFIG: config, NEWSFOLD_PORT: '0', ...env },
      stdio: 'pipe',
    })
    let [out, err] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
    const finished = new Promise<Finished>((resolve) => child.once('close', (code) => resolve({ code, out, err })))
    const one = { child, finished, out: () => out }
    running.add(one)
    void finished.then(() => running.delete(one))
    return one
  }

  return {
    data,
    config,
    start,
    run: (args, { input, env } = {}) => {
      const { child, finished } = start(args, env)
      child.stdin?.end(input)
      return finished
    },
    remove: async () => {
      for (const { child } of running) child.kill('SIGKILL')
      await Promise.all([...running].map(({ finished }) => finished))
      for (const folder of [data, join(data, 'demo')]) {
        const file = readPostmasterFile(join(folder, 'postgres', 'data'))
        if (file && isAlive(file.pid)) process.kill(file.pid, 'SIGQUIT')
      }
      rmSync(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
    },
  }
}
