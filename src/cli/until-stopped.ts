/**
 * Waits for SIGINT or SIGTERM, then for `stop`. A second signal ends the process at once.
 * @param onSignal told of the first signal, before anything is stopped
 */
export async function untilStopped(stop: () => Promise<void>, onSignal: () => void): Promise<void> {
  // Signals do not keep the process alive; this does, whatever else is idle.
  const keepAlive = setInterval(() => undefined, 60_000)
  await new Promise<void>((resolve) => {
    let isStopping = false
    const signalled = (): void => {
      // 130 is what shells expect of a program that was interrupted.
      if (isStopping) process.exit(130)
      isStopping = true
      onSignal()
      resolve()
    }
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, signalled)
  })
  await stop()
  clearInterval(keepAlive)
}
