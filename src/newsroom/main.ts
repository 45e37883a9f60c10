// The demo newsroom as a process of its own, so that a crawl can be killed without it.
import { parseArgs } from 'node:util'
import { parseDuration } from '../model/duration.ts'
import { ConfigurationError, describeError } from '../model/errors.ts'
import { startNewsroom, type NewsroomOptions } from './newsroom.ts'

function readOptions(): NewsroomOptions {
  const { values } = parseArgs({
    options: {
      /** Ministry, city and portal listen on this port and the two after it. */
      'port-base': { type: 'string' },
      /** A duration such as `20s`, or `never`. */
      'correct-after': { type: 'string' },
      latency: { type: 'string' },
    },
  })
  const portBase = values['port-base'] === undefined ? 0 : Number(values['port-base'])
  if (!Number.isInteger(portBase) || portBase < 0 || portBase > 65_533) {
    throw new ConfigurationError(
      'newsroom-options-invalid',
      `--port-base: expected a whole number up to 65533, got "${values['port-base']}"`,
    )
  }
  const correctAfter = values['correct-after']
  return {
    ...(portBase === 0 ? {} : { ports: { ministry: portBase, city: portBase + 1, portal: portBase + 2 } }),
    ...(correctAfter === undefined
      ? {}
      : { correctAfterMs: correctAfter === 'never' ? null : readDuration('correct-after', correctAfter) }),
    ...(values.latency === undefined ? {} : { latencyMs: readDuration('latency', values.latency) }),
  }
}

function readDuration(name: string, text: string): number {
  const ms = parseDuration(text)
  if (ms !== null) return ms
  throw new ConfigurationError('newsroom-options-invalid', `--${name}: expected a duration such as 20s, got "${text}"`)
}

try {
  const newsroom = await startNewsroom(readOptions())
  const stop = () => {
    process.stdout.write(`${JSON.stringify({ requests: newsroom.requests() })}\n`)
    void newsroom.stop()
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  // Started with an IPC channel, it does not outlive whoever started it.
  process.once('disconnect', stop)
  const { sites } = newsroom
  process.stdout.write(`${JSON.stringify({ sites, sources: newsroom.sources(), expected: newsroom.expected() })}\n`)
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`)
  process.exitCode = 1
}
