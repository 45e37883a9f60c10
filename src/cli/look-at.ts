import type { Logger } from 'pino'
import { checkedAddresses, hostAndPort, parseHttpUrl, resolveBySystem } from '../crawlers/address-guard.ts'
import { findListing, type SiteLook } from '../crawlers/find-listing.ts'
import { RefusedError } from '../model/errors.ts'
import type { Source } from '../model/source.ts'
import type { Settings } from '../runtime/settings.ts'
import { withVisitPorts } from './visit-ports.ts'

/** Half of what a crawl leaves by default: a person waits, and it is a dozen requests in all. */
const publicDelayMs = 1000
/** One's own machine and network. */
const privateDelayMs = 20
/** A look is over within 15 s on a site that answers. */
const budgetMs = 12_000
/** A browser takes seconds to start and a few for each page. */
const renderBudgetMs = 60_000

export interface Look extends SiteLook {
  /** The address with its scheme. */
  readonly address: string
  /** `host:port` where the address is private and was asked for all the same, since a person named it. */
  readonly privateHost: string | null
  /** How its pages were had. */
  readonly render: Source['render']
}

/** Faults after which an address that was given without a scheme is tried with http. */
const schemeFaults: ReadonlySet<string> = new Set(['http.connection', 'http.tls', 'http.timeout', 'http.protocol'])

/**
 * Looks at a site for a person who named its address: without a scheme https is tried first, then http. A private
 * address is asked for, since it was named here; what it leads to elsewhere in private is not.
 * @throws {RefusedError} it is no address
 */
export async function lookAt(
  address: string,
  options: { settings: Settings; log: Logger; onStep?: (url: string, as: string) => void; render?: Source['render'] },
): Promise<Look> {
  const { settings, log, onStep, render = 'http' } = options
  return await withVisitPorts({ settings, log }, async (ports, userAgent) => {
    const look = async (url: string): Promise<Look> => {
      const privateHost = await privateHostOf(url)
      const found = await findListing(url, ports, {
        userAgent,
        budgetMs: render === 'browser' ? renderBudgetMs : budgetMs,
        render,
        delayMs: privateHost === null ? publicDelayMs : privateDelayMs,
        allowPrivateHosts: privateHost === null ? [] : [privateHost],
        ...(onStep && { onStep }),
      })
      return { ...found, address: url, privateHost, render }
    }
    if (/^[a-z][a-z\d+.-]*:\/\//i.test(address)) return await look(address)
    const secure = await look(`https://${address}`)
    if (!schemeFaults.has(secure.tried[0]?.code ?? '')) return secure
    const plain = await look(`http://${address}`)
    return { ...plain, tried: [...secure.tried, ...plain.tried] }
  })
}

/** `host:port` of an address that leads to one's own machine or network; `null` of all others. */
async function privateHostOf(address: string): Promise<string | null> {
  const url = parseHttpUrl(address)
  try {
    await checkedAddresses(url, [], resolveBySystem)
    return null
  } catch (error) {
    // Whatever else is wrong with it shows when it is asked for.
    return error instanceof RefusedError ? hostAndPort(url) : null
  }
}
