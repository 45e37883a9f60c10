// Kills Newsfold, its PostgreSQL and its Redis at any moment and checks that nothing is lost and nothing doubled.
import { loadavg } from 'node:os'
import { describeError } from '../src/model/errors.ts'
import { Campaign } from './chaos/campaign.ts'
import { Figures } from './chaos/figures.ts'
import { readOptions, type ChaosOptions } from './chaos/options.ts'
import { formatReport, toJson } from './chaos/report.ts'
import { Stage } from './chaos/stage.ts'

async function run(options: ChaosOptions): Promise<void> {
  const say = (line: string): void => {
    if (!options.json) process.stdout.write(`${line}\n`)
  }
  const flags = [...(options.redis ? ['--redis'] : []), ...(options.apart ? ['--apart'] : [])]
    .map((flag) => ` ${flag}`)
    .join('')
  say(`"npm run chaos -- --kills ${options.kills} --seed ${options.seed}${flags}" repeats this plan`)
  const figures = new Figures(say)
  const stage = await Stage.open(options.redis)
  const campaign = new Campaign(stage, options, figures, say)
  let isInterrupted = false
  const interrupt = (): void => {
    if (isInterrupted) return
    isInterrupted = true
    say('Interrupted: ending what was started …')
    // 130 is what shells expect of a program that was interrupted.
    void campaign.close().finally(() => process.exit(130))
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, interrupt)
  try {
    await campaign.run()
  } finally {
    if (!isInterrupted) await campaign.close()
  }
  say(`\n${formatReport(figures, campaign.announced)}\nload average ${loadavg()[0]?.toFixed(1)}`)
  if (options.json) process.stdout.write(`${toJson(figures, campaign.announced, options)}\n`)
  process.exitCode = figures.found.length === 0 ? 0 : 1
}

try {
  await run(readOptions(process.argv.slice(2)))
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`)
  process.exitCode = 2
}
