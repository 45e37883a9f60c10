import type { IncomingMessage, ServerResponse } from 'node:http'
import { chooseEncoding } from './accept-encoding.ts'
import { conditionOf } from './conditional.ts'
import { encodedBody, usedEncoding, type Rendering } from './rendering.ts'

function sendBody(
  request: IncomingMessage,
  response: ServerResponse,
  encoded: { body: Buffer; header: readonly string[] },
) {
  response.writeHead(200, [...encoded.header])
  response.end(request.method === 'HEAD' ? undefined : encoded.body)
}

/**
 * Answers a GET or HEAD: 304 where the client has the bytes, else the bytes in the encoding that it likes best. Ranges
 * are refused by sending everything, as `Accept-Ranges: none` says (RFC 9110 §14.2).
 */
export function respond(request: IncomingMessage, response: ServerResponse, rendering: Rendering): void {
  const encoding = usedEncoding(rendering, chooseEncoding(request.headers['accept-encoding']?.toString()))
  const condition = conditionOf(request.headers, rendering)
  if (condition !== 'send') {
    response.writeHead(condition === 'failed' ? 412 : 304, [...rendering.notModifiedHeaders[encoding]])
    response.end()
    return
  }
  const encoded = encodedBody(rendering, encoding)
  if (!(encoded instanceof Promise)) {
    sendBody(request, response, encoded)
    return
  }
  encoded.then(
    (encoded) => sendBody(request, response, encoded),
    // Memory for the encoder could not be had: the plain bytes are there.
    async () => sendBody(request, response, await encodedBody(rendering, 'identity')),
  )
}
