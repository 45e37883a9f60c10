import { isIP } from 'node:net'
import { checkedAddresses, hostnameOf, parseHttpUrl } from '../crawlers/address-guard.ts'
import { NewsfoldError, RefusedError } from '../model/errors.ts'
import type { SubscriptionRequest } from '../archive/subscriptions.ts'

/** WebSub leaves it to the hub; ten days outlast a subscriber's holidays from its clock. */
const defaultLeaseSeconds = 10 * 86_400
const leastLeaseSeconds = 300
const mostLeaseSeconds = 30 * 86_400
/** WebSub §5.1: less than 200 bytes. */
const mostSecretBytes = 199

function refuse(says: string): RefusedError {
  return new RefusedError('hub.bad-request', says)
}

function single(form: URLSearchParams, name: string): string | null {
  const values = form.getAll(name)
  if (values.length > 1) throw refuse(`${name}: expected one value, got ${values.length}`)
  return values[0] ?? null
}

function required(form: URLSearchParams, name: string): string {
  const value = single(form, name)
  if (value === null || value === '') throw refuse(`${name}: expected a value, got none`)
  return value
}

function leaseOf(text: string | null): number {
  if (text === null || text === '') return defaultLeaseSeconds
  if (!/^\d{1,12}$/.test(text)) throw refuse(`hub.lease_seconds: expected a whole number of seconds`)
  return Math.min(Math.max(Number(text), leastLeaseSeconds), mostLeaseSeconds)
}

async function callbackOf(text: string, allowPrivateHosts: readonly string[]): Promise<URL> {
  try {
    const url = parseHttpUrl(text)
    // Names are looked up when they are dialled, and not for whoever asks.
    if (isIP(hostnameOf(url)) !== 0) await checkedAddresses(url, allowPrivateHosts, () => Promise.resolve([]))
    return url
  } catch (error) {
    throw error instanceof NewsfoldError ? refuse(`hub.callback: ${error.message}`) : error
  }
}

/**
 * Reads what a subscriber asks of the hub (WebSub §5.1).
 * @param form the body, `application/x-www-form-urlencoded`
 * @throws {RefusedError} `hub.bad-request`: says which parameter is wrong
 */
export async function readHubRequest(
  form: URLSearchParams,
  allowPrivateHosts: readonly string[],
): Promise<SubscriptionRequest> {
  const mode = required(form, 'hub.mode')
  if (mode !== 'subscribe' && mode !== 'unsubscribe') {
    throw refuse(`hub.mode: expected "subscribe" or "unsubscribe", got ${JSON.stringify(mode.slice(0, 50))}`)
  }
  const callback = await callbackOf(required(form, 'hub.callback'), allowPrivateHosts)
  const topic = required(form, 'hub.topic')
  if (topic.length > 4096) throw refuse('hub.topic: expected at most 4096 characters')
  const secret = single(form, 'hub.secret')
  if (secret !== null && Buffer.byteLength(secret) > mostSecretBytes) {
    throw refuse(`hub.secret: expected less than ${mostSecretBytes + 1} bytes`)
  }
  return {
    mode,
    topic,
    callback: callback.href,
    callbackHost: callback.host,
    secret: secret === '' ? null : secret,
    leaseSeconds: leaseOf(single(form, 'hub.lease_seconds')),
    reason: null,
  }
}

/** An address with parameters of the hub's behind its own query, which stays as it is (WebSub §5.3). */
export function withHubParameters(callback: string, parameters: Readonly<Record<string, string>>): string {
  const url = new URL(callback)
  const added = new URLSearchParams(parameters).toString()
  url.search = url.search === '' ? added : `${url.search}&${added}`
  return url.href
}
