import type { Command } from 'commander'
import { createContext } from '../context.ts'
import { examine } from '../examination.ts'
import { formatTable } from '../table.ts'

const signs = { ok: '✓', warning: '!', problem: '✗' } as const

/** `newsfold doctor`: what is wrong with this set-up, and what to do. */
export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('say what is wrong with this set-up and what to do')
    .option('--json', 'as JSON')
    .action(async (flags: { json?: boolean }) => {
      const { settings, log } = createContext('silent')
      const findings = await examine(settings, log)
      if (findings.some((finding) => finding.state === 'problem')) process.exitCode = 1
      if (flags.json) {
        process.stdout.write(`${JSON.stringify(findings, null, 2)}\n`)
        return
      }
      const rows = findings.map(({ state, what, says }) => [signs[state], what, says.split('\n')[0] ?? ''])
      process.stdout.write(`${formatTable([{ name: '' }, { name: 'what' }, { name: 'finding' }], rows, 1000)}\n`)
      for (const { says } of findings)
        for (const line of says.split('\n').slice(1)) process.stdout.write(`   ${line}\n`)
    })
}
