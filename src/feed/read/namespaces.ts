/** Prefixes in scope, and the names that were already resolved with them. */
export interface Namespaces {
  readonly prefixes: ReadonlyMap<string, string>
  readonly resolved: Map<string, string>
}

/** The prefix that everybody uses for a namespace; '' for the elements of RSS itself. In small letters, without the end's `/` or `#`. */
const prefixOf: ReadonlyMap<string, string> = new Map([
  ['http://www.w3.org/2005/atom', 'atom'],
  ['http://purl.org/atom/ns', 'atom'],
  ['http://purl.org/pie', 'atom'],
  ['http://www.w3.org/1999/02/22-rdf-syntax-ns', 'rdf'],
  ['http://purl.org/rss/1.0', ''],
  ['http://purl.org/net/rss1.1', ''],
  ['http://my.netscape.com/rdf/simple/0.9', ''],
  ['http://channel.netscape.com/rdf/simple/0.9', ''],
  ['http://backend.userland.com/rss2', ''],
  ['http://blogs.law.harvard.edu/tech/rss', ''],
  ['http://purl.org/rss/1.0/modules/content', 'content'],
  ['http://purl.org/dc/elements/1.1', 'dc'],
  ['http://purl.org/dc/elements/1.0', 'dc'],
  ['http://purl.org/dc/terms', 'dcterms'],
  ['http://search.yahoo.com/mrss', 'media'],
  ['http://www.itunes.com/dtds/podcast-1.0.dtd', 'itunes'],
  ['http://purl.org/rss/1.0/modules/syndication', 'sy'],
  ['http://www.w3.org/1999/xhtml', 'xhtml'],
  ['http://rssnamespace.org/feedburner/ext/1.0', 'feedburner'],
  ['http://www.w3.org/xml/1998/namespace', 'xml'],
])

function canonicalPrefix(uri: string): string | null {
  return (
    prefixOf.get(
      uri
        .trim()
        .toLowerCase()
        .replace(/[/#]+$/, ''),
    ) ?? null
  )
}

/** Scope outside every declaration: prefixes mean what they are commonly used for. */
export function noNamespaces(): Namespaces {
  return { prefixes: new Map(), resolved: new Map() }
}

/** Several times what real feeds declare; more are not looked at, so that scopes stay cheap to copy. */
const MAX_PREFIXES = 100

/** The scope of an element with these attributes; the same scope again when it declares nothing. */
export function namespacesOf(outer: Namespaces, attributes: Readonly<Record<string, string>>): Namespaces {
  const declared = Object.entries(attributes).filter(([name]) => name.startsWith('xmlns'))
  if (declared.length === 0) return outer
  const prefixes = new Map(outer.prefixes)
  for (const [name, uri] of declared.slice(0, MAX_PREFIXES - prefixes.size)) {
    const prefix = name.slice('xmlns:'.length)
    prefixes.set(prefix, canonicalPrefix(uri) ?? prefix)
  }
  return { prefixes, resolved: new Map() }
}

/** Elements that Atom does not have and that feeds put into its namespace all the same: RSS's are meant. */
const rssOnly: ReadonlySet<string> = new Set([
  'description',
  'pubdate',
  'guid',
  'enclosure',
  'lastbuilddate',
  'language',
])

/** `Dublin:Creator` as `dc:creator` where `Dublin` was declared for Dublin Core. */
export function canonicalName(namespaces: Namespaces, raw: string): string {
  const known = namespaces.resolved.get(raw)
  if (known !== undefined) return known
  const colon = raw.indexOf(':')
  const given = colon === -1 ? '' : raw.slice(0, colon).toLowerCase()
  const local = raw.slice(colon + 1).toLowerCase()
  const prefix = namespaces.prefixes.get(given) ?? given
  const name = prefix === '' || (prefix === 'atom' && rssOnly.has(local)) ? local : `${prefix}:${local}`
  namespaces.resolved.set(raw, name)
  return name
}

/** The scope with what a root element's own name says of it: Atom without its namespace, RSS in a namespace that is none. */
export function rootNamespaces(namespaces: Namespaces, raw: string): Namespaces {
  const local = raw.toLowerCase()
  const meant = local === 'feed' ? 'atom' : local === 'rss' || local === 'channel' ? '' : null
  if (meant === null || namespaces.prefixes.get('') === meant) return namespaces
  return { prefixes: new Map([...namespaces.prefixes, ['', meant]]), resolved: new Map() }
}
