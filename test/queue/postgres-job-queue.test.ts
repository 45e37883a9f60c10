import { anEmptyDatabase } from '../a-database.ts'
import { testJobQueue } from './job-queue-conformance.ts'

testJobQueue('postgres', async () => ({ databaseUrl: await anEmptyDatabase(), redisUrl: null }))
