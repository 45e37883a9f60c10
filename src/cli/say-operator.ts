import type { RunningProgram } from './program-run.ts'
import type { Terminal } from './terminal.ts'

/** The operator's token when it was made just now, which is not shown again, and what it is for. */
export function sayOperator(terminal: Terminal, { server, operator }: RunningProgram): void {
  if (!server || !operator?.isNew) return
  terminal.say(`Operator  token ${operator.token} (shown once; kept in ${operator.file})`)
  terminal.say(`          sign in with it at ${server.url}/operator: sources, queues, crawl now, pause`)
}
