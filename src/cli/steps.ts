import { fit } from './table.ts'

const clear = () => void process.stderr.write('\r\u001b[K')

/** One line on standard error that says what is going on, while it is going on; nothing where nobody watches. */
export function openSteps(): { show: (url: string, as: string) => void; clear: () => void } {
  if (!process.stderr.isTTY) return { show: () => undefined, clear: () => undefined }
  return {
    show: (url, as) => {
      clear()
      process.stderr.write(fit(`… ${as}: ${url}`, (process.stderr.columns ?? 80) - 1))
    },
    clear,
  }
}
