import { describeOnRedis } from '../on-redis.ts'
import { testOperatorActions } from './operator-conformance.ts'

describeOnRedis((url) => testOperatorActions('redis', url))
