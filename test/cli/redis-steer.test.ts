import { describeOnRedis } from '../on-redis.ts'
import { testSteering } from './steer-conformance.ts'

describeOnRedis((url) => testSteering('redis', url))
