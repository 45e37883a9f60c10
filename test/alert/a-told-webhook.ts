import { z } from 'zod'
import { createRequestSender, type RequestSender } from '../../src/push/request-sender.ts'
import { startServer } from '../crawlers/a-server.ts'

/** A webhook that keeps the text of each message that it takes, with what sends to it. */
export interface ToldWebhook {
  readonly url: string
  readonly sender: RequestSender
  readonly told: string[]
  /** What it answers; messages are taken below 300. */
  status: number
  close(): Promise<void>
}

const messageSchema = z.object({ text: z.string(), begun: z.array(z.unknown()), over: z.array(z.unknown()) })

export async function startToldWebhook(): Promise<ToldWebhook> {
  const server = await startServer()
  const sender = createRequestSender({
    userAgent: 'Newsfold/0 (+test)',
    allowPrivateHosts: [server.host],
    now: () => new Date(),
  })
  const webhook: ToldWebhook = {
    url: `${server.origin}/hook`,
    sender,
    told: [],
    status: 204,
    close: async () => {
      await sender.close()
      await server.close()
    },
  }
  server.routes.set('/hook', (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { text } = messageSchema.parse(JSON.parse(Buffer.concat(chunks).toString()))
      if (webhook.status < 300) webhook.told.push(text)
      response.writeHead(webhook.status).end()
    })
    return undefined
  })
  return webhook
}

/** An instant so many minutes after the first look of a test. */
export function after(minutes: number): Date {
  return new Date(Date.UTC(2026, 10, 23, 4) + minutes * 60_000)
}
