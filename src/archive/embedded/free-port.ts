import { createServer } from 'node:net'

function tryPort(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(null))
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : null))
    })
  })
}

/** A port of 127.0.0.1 that nobody listens on: the preferred one if it can be had, else any. */
export async function freePort(preferred: number | null): Promise<number> {
  const port = (preferred ? await tryPort(preferred) : null) ?? (await tryPort(0))
  if (port === null) throw new Error('No port of 127.0.0.1 can be opened')
  return port
}
