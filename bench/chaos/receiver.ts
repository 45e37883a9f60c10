import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'

/** What a webhook was sent. */
interface Sent {
  /** The same for every try. */
  readonly delivery: string
  readonly event: string
  readonly item: string
}

const header = ({ headers }: IncomingMessage, name: string): string => String(headers[`x-newsfold-${name}`] ?? '')

/** A newsroom's own program, which is told of every story by a webhook and writes down what it was told. */
export class Receiver {
  readonly #server: Server
  #sent: Sent[] = []

  private constructor(server: Server) {
    this.#server = server
  }

  static async open(port: number): Promise<Receiver> {
    const server = createServer((request, response) => {
      receiver.#sent.push({
        delivery: header(request, 'delivery'),
        event: header(request, 'event'),
        item: header(request, 'item'),
      })
      request.resume().on('end', () => response.end())
    })
    const receiver = new Receiver(server)
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return receiver
  }

  /** Begins anew: what was sent before belongs to another archive. */
  forget(): void {
    this.#sent = []
  }

  /** Different deliveries of an item as new; a try that is repeated is the same one. */
  newsOf(item: string): number {
    return new Set(this.#sent.filter((each) => each.item === item && each.event === 'new').map((each) => each.delivery))
      .size
  }

  /** What it was sent of an item, in order. */
  historyOf(item: string): string {
    return this.#sent
      .filter((each) => each.item === item)
      .map(({ delivery, event }) => `${event} ${delivery.slice(0, 8)}`)
      .join(', ')
  }

  get count(): number {
    return this.#sent.length
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}
