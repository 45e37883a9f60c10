/** Whether a person or the system has asked this process to end. */
export interface StopSignals {
  /** Resolves at the first SIGINT, SIGTERM or SIGHUP. */
  readonly asked: Promise<void>
  isAsked(): boolean
}

/** What is written to a terminal that is gone goes nowhere. */
function outliveTerminal(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
}

/**
 * Runs something that SIGINT, SIGTERM and SIGHUP, when its terminal goes away, ask to end. They are listened for before
 * anything is started, since a process that ends in the middle of its start leaves its PostgreSQL running. A second
 * signal ends the process at once.
 */
export async function withStopSignals(run: (signals: StopSignals) => Promise<void>): Promise<void> {
  // Signals do not keep the process alive; this does, whatever else is idle.
  const keepAlive = setInterval(() => undefined, 60_000)
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const asking = new AbortController()
  const signalled = (name: NodeJS.Signals): void => {
    if (name === 'SIGHUP') outliveTerminal()
    // 130 is what shells expect of a program that was interrupted.
    if (asking.signal.aborted) process.exit(130)
    asking.abort()
  }
  for (const name of names) process.on(name, signalled)
  try {
    await run({
      asked: new Promise((resolve) => asking.signal.addEventListener('abort', () => resolve())),
      isAsked: () => asking.signal.aborted,
    })
  } finally {
    clearInterval(keepAlive)
    for (const name of names) process.off(name, signalled)
  }
}
