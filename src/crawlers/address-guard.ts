import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import { RefusedError, UnreachableError } from '../model/errors.ts'

export interface ResolvedAddress {
  readonly address: string
  readonly family: 4 | 6
}

/** Every address of a host name; throws when there is none. */
export type ResolveHost = (hostname: string) => Promise<readonly ResolvedAddress[]>

/** IANA IPv4 Special-Purpose Address Registry, and multicast (RFC 5771). */
const specialIpv4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  // A public address that every Azure machine reaches its own platform by; the other clouds' lie in the ranges above.
  '168.63.129.16/32',
] as const

/** What the IANA IPv6 Special-Purpose Address Registry names inside 2000::/3; all outside of it is refused anyway. */
const specialIpv6 = [
  // IETF protocol assignments, among them Teredo (2001::/32), which hides an IPv4 address, and ORCHID.
  '2001::/23',
  '2001:db8::/32',
  // 6to4 hides an IPv4 address as well.
  '2002::/16',
  '2620:4f:8000::/48',
  '3fff::/20',
] as const

function blockListOf(ranges: readonly string[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [network = '', prefix = ''] = range.split('/')
    list.addSubnet(network, Number(prefix), family)
  }
  return list
}

const blockedIpv4 = blockListOf(specialIpv4, 'ipv4')
const blockedIpv6 = blockListOf(specialIpv6, 'ipv6')
/** RFC 4291: all that is assigned as global unicast. */
const globalIpv6 = blockListOf(['2000::/3'], 'ipv6')
/** RFC 6052: how a network with IPv6 only reaches IPv4; the last four bytes are the IPv4 address. */
const nat64 = blockListOf(['64:ff9b::/96'], 'ipv6')

/** The IPv4 address in the last 32 bits of an IPv6 address. */
function embeddedIpv4(address: string): string {
  // The URL parser writes the shortest spelling, whose last groups are hexadecimal.
  const groups = new URL(`http://[${address}]/`).hostname.slice(1, -1).split(':')
  const [high = 0, low = 0] = groups.slice(-2).map((group) => Number.parseInt(group || '0', 16))
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

/** Whether an IP address is one that anybody on the internet may be asked at: no private, local or special range. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !blockedIpv4.check(address, 'ipv4')
    case 6:
      if (address.includes('%')) return false
      if (nat64.check(address, 'ipv6')) return !blockedIpv4.check(embeddedIpv4(address), 'ipv4')
      return globalIpv6.check(address, 'ipv6') && !blockedIpv6.check(address, 'ipv6')
    default:
      return false
  }
}

/** Longer addresses are made by traps, not by publishers; servers' own limits are about 8,000. */
const maxAddressLength = 4096

/**
 * An address that may be asked at all, fragment removed.
 * @throws {RefusedError} `http.bad-address`: not http(s), with a user name or password, or too long
 */
export function parseHttpUrl(address: string, base?: string): URL {
  // No endless lines in logs, and no passwords.
  const shown = (address.length > 200 ? `${address.slice(0, 200)}…` : address).replace(/\/\/[^/?#]*@/, '//')
  const refuse = (got: string) =>
    new RefusedError(
      'http.bad-address',
      `Cannot fetch ${shown}: expected an absolute http or https address without user name and of at most ` +
        `${maxAddressLength} characters, got ${got}. Correct the address where it is given.`,
    )
  if (!URL.canParse(address, base)) throw refuse('something that is no address')
  const url = new URL(address, base)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw refuse(`"${url.protocol}"`)
  if (url.username !== '' || url.password !== '') throw refuse('a user name or password')
  if (url.href.length > maxAddressLength) throw refuse(`${url.href.length} characters`)
  url.hash = ''
  return url
}

/** `host:port` of an address as it stands in `allowPrivateHosts`: the default port spelt out, no brackets. */
export function hostAndPort(url: URL): string {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  return `${hostnameOf(url)}:${port}`
}

/** Host name without the brackets of an IPv6 literal. */
export function hostnameOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '').toLowerCase()
}

/** The operating system's resolver: all addresses of a name, hosts file included. */
export const resolveBySystem: ResolveHost = async (hostname) =>
  (await lookup(hostname, { all: true })).map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }))

/**
 * Looks a host up, once, and vouches for every one of its addresses.
 * @param allowPrivateHosts `host:port` pairs that may be anywhere
 * @returns the addresses to dial; no other may be
 * @throws {RefusedError} `http.refused-address`: one of the addresses is private, local or special
 * @throws {UnreachableError} `http.dns`: the name has no address
 */
export async function checkedAddresses(
  url: URL,
  allowPrivateHosts: readonly string[],
  resolveHost: ResolveHost,
): Promise<readonly ResolvedAddress[]> {
  const hostname = hostnameOf(url)
  const addresses = await addressesOf(url, hostname, resolveHost)
  const named = hostAndPort(url)
  if (allowPrivateHosts.some((allowed) => allowed.toLowerCase().replace(/^\[|\](?=:\d+$)/g, '') === named)) {
    return addresses
  }
  const refused = addresses.find(({ address }) => !isPublicAddress(address))
  if (refused) {
    throw new RefusedError(
      'http.refused-address',
      `Refused ${url.href}: expected a public address, got ${refused.address} (private, local or special). ` +
        `If it is meant, add "${named}" to allowPrivateHosts.`,
    )
  }
  return addresses
}

async function addressesOf(url: URL, hostname: string, resolveHost: ResolveHost): Promise<readonly ResolvedAddress[]> {
  const literal = isIP(hostname)
  if (literal !== 0) return [{ address: hostname, family: literal === 6 ? 6 : 4 }]
  let reason = 'none'
  try {
    const addresses = await resolveHost(hostname)
    if (addresses.length > 0) return addresses
  } catch (error) {
    reason = error instanceof Error && 'code' in error ? String(error.code) : String(error)
  }
  throw new UnreachableError(
    'http.dns',
    `Cannot reach ${url.href}: expected addresses for "${hostname}", got ${reason}. ` +
      `Check the host name and this machine's name resolution.`,
  )
}
