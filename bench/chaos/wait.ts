import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Asks until the answer is yes.
 * @returns whether it came within `withinMs`
 */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  { withinMs, everyMs = 25 }: { readonly withinMs: number; readonly everyMs?: number },
): Promise<boolean> {
  const giveUpAt = performance.now() + withinMs
  for (;;) {
    if (await isSo()) return true
    if (performance.now() > giveUpAt) return false
    await sleep(everyMs)
  }
}
