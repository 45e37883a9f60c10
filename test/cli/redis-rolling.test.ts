import { describeOnRedis } from '../on-redis.ts'
import { testRolling } from './rolling-conformance.ts'

describeOnRedis((url) => testRolling(() => ({ REDIS_URL: url() })))
