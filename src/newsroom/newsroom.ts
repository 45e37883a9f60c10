import { correctedAnnouncement, readAnnouncements, siteIds, type Announcement, type SiteId } from './announcement.ts'
import { cityListingPath, cityName, cityNotFound, cityPath, cityRoutes } from './city-site.ts'
import { ministryListingPath, ministryName, ministryNotFound, ministryPath, ministryRoutes } from './ministry-site.ts'
import { portalListingPath, portalName, portalNotFound, portalPath, portalRoutes } from './portal-site.ts'
import type { Reply, Routes } from './reply.ts'
import { serveSite, type SeenRequest, type SiteServer } from './site-server.ts'

/** Late enough that a first crawl has read the article as it was, early enough that a newcomer still watches. */
const defaultCorrectAfterMs = 25_000

export interface NewsroomOptions {
  /** When the portal corrects its mistake, in milliseconds after the start; 0 from the start on, `null` never. */
  readonly correctAfterMs?: number | null
  /** Host names in the addresses; they must resolve to 127.0.0.1, where the sites always listen. */
  readonly hosts?: Readonly<Partial<Record<SiteId, string>>>
  /** How long each answer takes. */
  readonly latencyMs?: number
  /** Fixed ports keep the addresses of articles over restarts. Absent or 0: any free one. */
  readonly ports?: Readonly<Partial<Record<SiteId, number>>>
  /** Told of each request when it is over. */
  readonly saw?: (siteId: SiteId, request: SeenRequest) => void
}

export interface NewsroomSite {
  readonly id: SiteId
  readonly name: string
  readonly url: string
  readonly listingUrl: string
  /** `host:port` */
  readonly host: string
  readonly announcements: number
  readonly kind: 'html' | 'feed'
}

/** What a crawl of everything must have stored of one announcement, as the site shows it at this moment. */
export interface ExpectedAnnouncement {
  readonly siteId: SiteId
  readonly url: string
  readonly title: string
  /** ISO 8601 with the zone: `2019-10-31T15:20:00+08:00`. */
  readonly publishedAt: string
  readonly modifiedAt: string | null
  /** Paragraphs of the body, in order, without indent; lines around it such as names of attachments aside. */
  readonly paragraphs: readonly string[]
  /** Address of the release that this one is a copy of. */
  readonly reprintOf: string | null
}

export interface Newsroom {
  readonly sites: readonly NewsroomSite[]
  /** Lets the portal correct its article now; nothing more happens the second time. */
  correct(): void
  /** How often each path of each site was asked for. */
  requests(): Readonly<Record<SiteId, Readonly<Record<string, number>>>>
  /** One source a site, as its YAML file would say it. */
  sources(): readonly unknown[]
  expected(): readonly ExpectedAnnouncement[]
  /** Cuts open connections and gives the ports back. */
  stop(): Promise<void>
}

interface Publisher {
  readonly name: string
  readonly listingPath: string
  readonly kind: 'html' | 'feed'
  /** Of the listing. */
  readonly pages: number
  readonly tags: readonly string[]
  readonly path: (announcement: Announcement) => string
  readonly routes: (baseUrl: string, announcements: () => readonly Announcement[]) => Routes
  readonly notFound: Reply
}

const publishers: Readonly<Record<SiteId, Publisher>> = {
  ministry: {
    name: ministryName,
    listingPath: ministryListingPath,
    kind: 'html',
    pages: 5,
    tags: ['ministry', 'trade'],
    path: ministryPath,
    routes: (_, announcements) => ministryRoutes(announcements()),
    notFound: ministryNotFound,
  },
  city: {
    name: cityName,
    listingPath: cityListingPath,
    kind: 'html',
    pages: 1,
    tags: ['city'],
    path: cityPath,
    routes: (_, announcements) => cityRoutes(announcements()),
    notFound: cityNotFound,
  },
  portal: {
    name: portalName,
    listingPath: portalListingPath,
    kind: 'feed',
    pages: 1,
    tags: ['media'],
    path: portalPath,
    routes: (baseUrl, announcements) => portalRoutes({ baseUrl, announcements }),
    notFound: portalNotFound,
  },
}

/**
 * Starts the demo's three publishers on 127.0.0.1. What they serve depends on nothing but the ports, the number of
 * requests and whether the correction was made.
 * @throws {ConfigurationError} a fixed port is taken
 */
export async function startNewsroom(options: NewsroomOptions = {}): Promise<Newsroom> {
  const original = readAnnouncements()
  const correctAfterMs = options.correctAfterMs === undefined ? defaultCorrectAfterMs : options.correctAfterMs
  let isCorrected = correctAfterMs === 0
  const announcementsOf = (id: SiteId) => (isCorrected ? original[id].map(correctedAnnouncement) : original[id])

  const servers = new Map<SiteId, SiteServer>()
  const sites: NewsroomSite[] = []
  const hostOf = (id: SiteId, port: number) => `${options.hosts?.[id] ?? '127.0.0.1'}:${port}`
  const closeAll = async () => {
    await Promise.all([...servers.values()].map((server) => server.close()))
  }
  try {
    for (const id of siteIds) {
      const publisher = publishers[id]
      const server = await serveSite({
        port: options.ports?.[id] ?? 0,
        latencyMs: options.latencyMs ?? 0,
        routes: (port) => publisher.routes(`http://${hostOf(id, port)}`, () => announcementsOf(id)),
        notFound: publisher.notFound,
        saw: (request) => options.saw?.(id, request),
      })
      servers.set(id, server)
      sites.push(describeSite(id, hostOf(id, server.port), original[id].length))
    }
  } catch (error) {
    await closeAll()
    throw error
  }

  const correct = () => {
    isCorrected = true
  }
  const timer = correctAfterMs === null ? undefined : setTimeout(correct, correctAfterMs)

  return {
    sites,
    correct,
    requests: () => ({
      ministry: servers.get('ministry')?.requests() ?? {},
      city: servers.get('city')?.requests() ?? {},
      portal: servers.get('portal')?.requests() ?? {},
    }),
    sources: () => sites.map(sourceOf),
    expected: () =>
      sites.flatMap((site) => announcementsOf(site.id).map((each) => expectedOf(each, site, sites, original))),
    stop: () => {
      clearTimeout(timer)
      return closeAll()
    },
  }
}

function describeSite(id: SiteId, host: string, announcements: number): NewsroomSite {
  const { name, kind, listingPath } = publishers[id]
  return { id, name, url: `http://${host}/`, listingUrl: `http://${host}${listingPath}`, host, announcements, kind }
}

function sourceOf(site: NewsroomSite): unknown {
  const { pages, tags } = publishers[site.id]
  return {
    id: site.id,
    name: site.name,
    homepage: site.url,
    language: 'zh',
    timeZone: 'Asia/Shanghai',
    listings: [{ url: site.listingUrl, maxPages: pages }],
    schedule: { every: '10s' },
    politeness: { delay: '20ms' },
    tags: [...tags],
    allowPrivateHosts: [site.host],
  }
}

function expectedOf(
  announcement: Announcement,
  site: NewsroomSite,
  sites: readonly NewsroomSite[],
  original: Readonly<Record<SiteId, readonly Announcement[]>>,
): ExpectedAnnouncement {
  const release = original.ministry.find(({ id }) => id === announcement.reprintOf)
  const ministry = sites.find(({ id }) => id === 'ministry')
  return {
    siteId: site.id,
    url: `http://${site.host}${publishers[site.id].path(announcement)}`,
    title: announcement.title,
    publishedAt: announcement.publishedAt,
    modifiedAt: announcement.modifiedAt,
    paragraphs: announcement.paragraphs,
    reprintOf: release && ministry ? `http://${ministry.host}${ministryPath(release)}` : null,
  }
}
