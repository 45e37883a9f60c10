import { spawn } from 'node:child_process'

/** A process of ours. */
export interface Child {
  readonly pid: number
  /** Of `performance.now()`. */
  readonly startedAt: number
  hasEnded(): boolean
  /** Its exit code; `null` after a signal. */
  exitCode(): number | null
  /** What it said last, on both streams. */
  lastWords(): string
  kill(signal: NodeJS.Signals): void
  ended: Promise<void>
}

/** Enough for the answer of a command, or a stack trace and the log lines before it. */
const keptCharacters = 100_000

/** Starts a program with exactly this environment. */
export function startChild(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Child {
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let words = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => (words = (words + String(chunk)).slice(-keptCharacters)))
  }
  let hasEnded = false
  const ended = new Promise<void>((resolve) => {
    const end = (): void => {
      hasEnded = true
      resolve()
    }
    child.once('exit', end)
    child.once('error', (error) => {
      words += error.message
      end()
    })
  })
  return {
    pid: child.pid ?? 0,
    startedAt: performance.now(),
    hasEnded: () => hasEnded,
    exitCode: () => child.exitCode,
    lastWords: () => words,
    kill: (signal) => {
      if (!hasEnded) child.kill(signal)
    },
    ended,
  }
}
