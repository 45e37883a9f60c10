import { parse as parseDomain } from 'tldts'
import { stringify } from 'yaml'
import type { PageLink } from '../article/page-links.ts'
import type { Look } from './look-at.ts'

/** Zones of publishers that state none, by the end of their host name. */
const zonesByEnd: readonly (readonly [end: RegExp, zone: string])[] = [
  [/\.(?:gov|mil|us)$/, 'America/New_York'],
  [/\.hk$/, 'Asia/Hong_Kong'],
  [/\.mo$/, 'Asia/Macau'],
  [/\.tw$/, 'Asia/Taipei'],
  [/\.sg$/, 'Asia/Singapore'],
  [/\.cn$/, 'Asia/Shanghai'],
  [/\.jp$/, 'Asia/Tokyo'],
  [/\.kr$/, 'Asia/Seoul'],
  [/\.in$/, 'Asia/Kolkata'],
  [/\.uk$/, 'Europe/London'],
  [/\.eu$/, 'Europe/Brussels'],
  [/\.de$/, 'Europe/Berlin'],
  [/\.fr$/, 'Europe/Paris'],
  [/\.ch$/, 'Europe/Zurich'],
  [/\.au$/, 'Australia/Sydney'],
  [/\.nz$/, 'Pacific/Auckland'],
  [/\.ca$/, 'America/Toronto'],
]

/** The zone in which a publisher's times are read when they state none. */
function zoneOf(url: string, language: string): string {
  const { hostname } = new URL(url)
  const byEnd = zonesByEnd.find(([end]) => end.test(hostname))
  return byEnd?.[1] ?? (language.startsWith('zh') ? 'Asia/Shanghai' : 'UTC')
}

/** `www.mofcom.gov.cn` is `mofcom`, `fgw.beijing.gov.cn` is `beijing-fgw`; an address without a name is its digits. */
export function idOf(url: string): string {
  const { hostname, port } = new URL(url)
  const { domainWithoutSuffix, subdomain, isIp } = parseDomain(hostname)
  const labels = (subdomain ?? '').split('.').filter((label) => label !== '' && label !== 'www')
  const parts = domainWithoutSuffix && !isIp ? [domainWithoutSuffix, ...labels.toReversed()] : [hostname, port]
  const id = parts
    .join('-')
    .toLowerCase()
    .replaceAll(/[^a-z\d]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
  return id.slice(0, 60) || 'source'
}

/** The first of `mofcom`, `mofcom-2`, … that is not taken. */
export function freeId(wanted: string, taken: ReadonlySet<string>): string {
  if (!taken.has(wanted)) return wanted
  for (let number = 2; ; number++) if (!taken.has(`${wanted}-${number}`)) return `${wanted}-${number}`
}

const scalar = (value: string) => stringify(value, { lineWidth: 0 }).trimEnd()
const comment = (text: string) => text.replaceAll(/\s+/g, ' ')

/** Sitemaps name all pages of a site since its beginning. */
const sitemapMaxAge = '30d'
const shownOthers = 5

function otherLines(others: readonly PageLink[]): string[] {
  if (others.length === 0) return []
  const lists = others.slice(0, shownOthers).map(({ url, text }) => `  # - ${url} # ${comment(text)}`)
  return ['  # Other lists of the site; take away the "#" to read them as well:', ...lists]
}

/** The file of a source that was found, with what a person may want to change beside it as comments. */
export function draftSource(look: Look, listing: NonNullable<Look['listing']>, now: Date): string {
  const language = look.site.language ?? 'zh'
  const { homepage } = look.site
  const isPaged = listing.nextUrl !== null
  return [
    '# yaml-language-server: $schema=../source.schema.json',
    `# Found by "newsfold source add ${comment(look.address)}" on ${now.toISOString().slice(0, 10)} as ${comment(listing.as)}.`,
    '# All keys are in docs/sources.md; "newsfold source test <id> --live" shows what a change does.',
    `name: ${scalar(look.site.name ?? new URL(homepage).hostname)}`,
    `homepage: ${scalar(homepage)}`,
    `language: ${scalar(language)}`,
    `timeZone: ${scalar(zoneOf(listing.url, language))} # of times that state none`,
    `kind: ${listing.kind}`,
    ...(look.render === 'browser' ? ['render: browser # its pages are written by scripts'] : []),
    'listings:',
    ...(isPaged
      ? [
          `  - url: ${scalar(listing.url)}`,
          '    # maxPages: 5 # pages read at first; later only as far as there is news',
        ]
      : [`  - ${scalar(listing.url)}`]),
    ...otherLines(look.others),
    'tags: [] # feeds choose sources by these: [ministry, trade]',
    'schedule: { adaptive: { min: 10m, max: 6h } } # as often as it publishes; or { every: 15m }, { cron: "*/10 8-18 * * 1-5" }',
    ...(look.privateHost === null
      ? []
      : [`allowPrivateHosts: [${scalar(look.privateHost)}] # a private address, which you named`]),
    ...(listing.kind === 'sitemap'
      ? [`maxAge: ${sitemapMaxAge} # the sitemap names older pages as well`]
      : ['# maxAge: 90d # leaves out what is older']),
    ...(listing.kind === 'feed' ? ['# fullText: false # takes the text of the feed, and asks for no pages'] : []),
    '# politeness: { delay: 2s, concurrency: 1 }',
    '# rules: # CSS selectors, where the automatic reading of articles errs',
    '#   body: "#content"',
    '#   drop: [.share, .related]',
    '',
  ].join('\n')
}
