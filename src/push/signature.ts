import { createHmac } from 'node:crypto'

/** `sha256=<hex>` of the bytes of a body, as X-Hub-Signature says it (WebSub §7). */
export function hubSignature(body: string | Buffer, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
}
