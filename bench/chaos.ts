// Kills and disturbs Newsfold, its PostgreSQL and its Redis at any moment and checks that nothing is lost and nothing
// doubled.
import { loadavg } from 'node:os'
import { describeError } from '../src/model/errors.ts'
import { Campaign } from './chaos/campaign.ts'
import { Figures } from './chaos/figures.ts'
import { readOptions, type ChaosOptions } from './chaos/options.ts'
import { formatReport, toJson } from './chaos/report.ts'
import { Stage } from './chaos/stage.ts'

async function run({ scenes, seed, json }: ChaosOptions): Promise<void> {
  const say = (line: string): void => {
    if (!json) process.stdout.write(`${line}\n`)
  }
  say(`"--seed ${seed}" with the same flags repeats this plan`)
  const began = performance.now()
  const stage = await Stage.open()
  const campaign = new Campaign(stage, seed, say)
  const all: Figures[] = []
  const report = (): void => {
    const minutes = ((performance.now() - began) / 60_000).toFixed(1)
    say(`\n${formatReport(all, campaign.announced)}\n\n${minutes} minutes, load average ${loadavg()[0]?.toFixed(1)}`)
    if (json) process.stdout.write(`${toJson(all, campaign.announced, seed)}\n`)
  }
  let isInterrupted = false
  const interrupt = (): void => {
    if (isInterrupted) return
    isInterrupted = true
    say('Interrupted: ending what was started …')
    // 130 is what shells expect of a program that was interrupted.
    void campaign.close().finally(() => {
      report()
      process.exit(130)
    })
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, interrupt)
  try {
    for (const scene of scenes) {
      const figures = new Figures(scene, say)
      all.push(figures)
      say(`\n${scene.name}: ${scene.hits} hits`)
      await campaign.play(figures)
    }
  } finally {
    if (!isInterrupted) await campaign.close()
  }
  report()
  process.exitCode = all.every(({ found }) => found.length === 0) ? 0 : 1
}

try {
  const options = readOptions(process.argv.slice(2))
  if (typeof options === 'string') process.stdout.write(options)
  else await run(options)
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`)
  process.exitCode = 2
}
