import { createHash } from 'node:crypto'
import { Client, type ClientConfig } from 'pg'

const names = new Map<string, string>()

function nameOf(text: string): string {
  const name = names.get(text) ?? `queue-${createHash('sha256').update(text).digest('hex').slice(0, 16)}`
  names.set(text, name)
  return name
}

/**
 * A client for BullMQ, whose connection may break at any moment: BullMQ 6.7 listens for errors on its pool alone, which
 * hears those of idle connections, and one that broke between two queries of a transaction ended the process. The next
 * query fails anyway. Statements with values are kept prepared: BullMQ asks the same few long ones again and again, and
 * to read and plan them costs PostgreSQL more than to do them.
 */
export class LastingClient extends Client {
  constructor(config?: string | ClientConfig) {
    super(config)
    this.on('error', () => undefined)
    const query = this.query.bind(this)
    Reflect.set(this, 'query', (...given: readonly unknown[]): unknown => {
      const [text, values, ...rest] = given
      const isKept = typeof text === 'string' && Array.isArray(values) && values.length > 0
      const answer: unknown = Reflect.apply(
        query,
        this,
        isKept ? [{ name: nameOf(text), text, values }, ...rest] : given,
      )
      return answer
    })
  }
}
