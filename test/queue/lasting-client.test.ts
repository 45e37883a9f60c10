import { expect, test } from 'vitest'
import { LastingClient } from '../../src/queue/lasting-client.ts'
import { anEmptyDatabase, runSql } from '../a-database.ts'

test('a connection that breaks between two queries ends the next query and not the process', async () => {
  const url = await anEmptyDatabase()
  const client = new LastingClient({ connectionString: url, application_name: 'lasting' })
  await client.connect()
  await client.query('begin')
  const ended = new Promise<void>((resolve) => client.once('end', resolve))
  await runSql(url, `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'lasting'`)
  await ended
  await expect(client.query('select 1')).rejects.toThrow('not queryable')
})
