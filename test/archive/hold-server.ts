// Opens the embedded server of a data folder as a process of its own, so that tests can kill or stop it.
import { pino } from 'pino'
import { openEmbeddedServer } from '../../src/archive/embedded/server.ts'

const log = pino({ level: 'silent' })
const server = await openEmbeddedServer(process.argv[2] ?? '', log)
// Started with an IPC channel, it does not outlive whoever started it; the channel keeps it alive till then.
process.once('disconnect', () => process.exit(1))
process.once('SIGTERM', () => void server.stop().finally(() => process.exit(0)))
process.send?.({ connectionString: server.connectionString, isStartedHere: server.isStartedHere })
