import { afterAll, beforeAll, describe } from 'vitest'
import { startRedis, type RunningRedis } from '../a-redis.ts'
import { findRequirement } from '../requirements.ts'
import { testSteering } from './steer-conformance.ts'

const requirement = findRequirement('redis')

describe.skipIf(requirement.isMissing)(`on Redis${requirement.note}`, () => {
  let redis: RunningRedis
  beforeAll(async () => {
    redis = await startRedis(requirement.program)
  })
  afterAll(() => redis.stop())

  testSteering('redis', () => redis.url)
})
