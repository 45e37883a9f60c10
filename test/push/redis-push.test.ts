import { describeOnRedis } from '../on-redis.ts'
import { testPush } from './push-conformance.ts'

describeOnRedis((url) => testPush('redis', url))
