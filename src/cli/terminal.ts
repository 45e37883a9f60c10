import { SingleBar } from 'cli-progress'
import type { CrawlRun } from '../model/crawl-run.ts'
import type { Source } from '../model/source.ts'
import type { CrawlWatcher } from '../queue/crawl-service.ts'
import { formatRun } from './run-line.ts'

/** What a person sees while crawls go on: a line a run, and on a terminal a bar below the lines. */
export interface Terminal {
  readonly watcher: CrawlWatcher
  say(line: string): void
  close(): void
}

interface Totals {
  found: number
  handled: number
}

/** Writes to standard output. `isQuiet`: runs that changed nothing get no line, as after the first ones. */
export function openTerminal(options: { readonly isInteractive: boolean }): Terminal {
  const running = new Map<string, Totals>()
  let bar: SingleBar | null = null

  const hideBar = (): void => {
    bar?.stop()
    bar = null
  }
  const say = (line: string): void => {
    hideBar()
    process.stdout.write(`${line}\n`)
    draw()
  }
  const draw = (): void => {
    if (!options.isInteractive) return
    const totals = [...running.values()].reduce(
      (sum, { found, handled }) => ({ found: sum.found + found, handled: sum.handled + handled }),
      { found: 0, handled: 0 },
    )
    if (totals.found === 0) return hideBar()
    if (!bar) {
      bar = new SingleBar({
        format: '  {bar} {value}/{total} pages · {sources}',
        clearOnComplete: true,
        hideCursor: true,
      })
      bar.start(totals.found, totals.handled, { sources: '' })
    }
    bar.setTotal(totals.found)
    bar.update(totals.handled, { sources: [...running.keys()].join(', ') })
  }
  const sayRun = (source: Source, run: CrawlRun): void => {
    running.delete(source.id)
    const time = run.finishedAt.toTimeString().slice(0, 8)
    say(`${time}  ${source.id.padEnd(12)} ${formatRun(run)}`)
    for (const error of run.errors) say(`          ${error}`)
  }

  return {
    watcher: {
      started: (source) => {
        running.set(source.id, { found: 0, handled: 0 })
      },
      progressed: (source, event) => {
        const totals = running.get(source.id)
        if (!totals) return
        if (event.kind === 'found') totals.found += event.count
        else totals.handled++
        draw()
      },
      finished: sayRun,
    },
    say,
    close: hideBar,
  }
}
