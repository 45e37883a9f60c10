import { Client, type ClientConfig } from 'pg'

/**
 * A client whose connection may break at any moment. BullMQ 6.7 listens for errors on its pool alone, which hears those of
 * idle connections: one that broke between two queries of a transaction ended the process. The next query fails anyway.
 */
export class LastingClient extends Client {
  constructor(config?: string | ClientConfig) {
    super(config)
    this.on('error', () => undefined)
  }
}
