import { createHash } from 'node:crypto'

/** An absolute URI of a scheme that identifiers have, in RFC 3986's characters. */
const identifier =
  /^(?:https?:\/\/[^/]|urn:[a-z0-9][a-z0-9-]{1,31}:|tag:[^:]+,\d{4})(?:[\w\-.~!$&'()*+,;=:@/?#]|%[\dA-Fa-f]{2})+$/i
const uuid = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i

/** Namespace of the name-based UUIDs (RFC 9562 §5.5) of ids that are no URIs; drawn once, never to change. */
const NAMESPACE = Buffer.from('8f3c1c2a6f0b4d0e9a57d1b24e60c7f3', 'hex')

/** The same UUID for the same name, for ever. */
export function nameUuid(name: string): string {
  const bytes = createHash('sha1').update(NAMESPACE).update(name).digest().subarray(0, 16)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** An id as the URI that RFC 4287 §4.2.6 asks for: itself where it is one, else a URN that follows from it. */
export function uriOfId(id: string): string {
  if (identifier.test(id)) return id
  return `urn:uuid:${uuid.test(id) ? id.toLowerCase() : nameUuid(id)}`
}
