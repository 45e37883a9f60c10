import { afterAll, beforeAll, describe } from 'vitest'
import { startRedis, type RunningRedis } from '../a-redis.ts'
import { findRequirement } from '../requirements.ts'
import { testPush } from './push-conformance.ts'

const requirement = findRequirement('redis')

describe.skipIf(requirement.isMissing)(`on Redis${requirement.note}`, () => {
  let redis: RunningRedis
  beforeAll(async () => {
    redis = await startRedis(requirement.program)
  })
  afterAll(() => redis.stop())
  testPush('redis', () => redis.url)
})
