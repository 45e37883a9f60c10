import { childrenOf, textOf, type StrictElement } from './strict-xml.ts'

// What the W3C feed validator warns of or refuses beside what `feed-rules.ts` has, as far as a feed of ours could do it.

/** Prefixes that feeds commonly have for these namespaces: others are warned of, and so are these for anything else. */
const namespaces = new Map([
  ['xmlns:content', 'http://purl.org/rss/1.0/modules/content/'],
  ['xmlns:dc', 'http://purl.org/dc/elements/1.1/'],
  ['xmlns:media', 'http://search.yahoo.com/mrss/'],
  ['xmlns:atom', 'http://www.w3.org/2005/Atom'],
])

/** Elements that may stand in another one, each with its attributes. What is not here is undefined to a validator. */
const rss: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  rss: { channel: '' },
  channel: {
    title: '',
    description: '',
    link: '',
    generator: '',
    lastBuildDate: '',
    language: '',
    ttl: '',
    'atom:link': 'href rel type',
    item: '',
  },
  item: {
    title: '',
    description: '',
    link: '',
    guid: 'isPermaLink',
    category: 'domain',
    pubDate: '',
    enclosure: 'url length type',
    'dc:creator': '',
    'dc:publisher': '',
    'content:encoded': '',
    'atom:updated': '',
    'atom:link': 'href rel type title hreflang length',
    'media:content': 'url medium width height type fileSize',
  },
  'media:content': { 'media:title': 'type' },
}
const atom: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  feed: {
    id: '',
    title: 'type',
    subtitle: 'type',
    updated: '',
    generator: 'uri version',
    link: 'href rel type hreflang title length',
    author: '',
    entry: 'xml:lang',
  },
  entry: {
    id: '',
    title: 'type',
    summary: 'type',
    content: 'type',
    updated: '',
    published: '',
    link: 'href rel type hreflang title length',
    author: '',
    category: 'term scheme label',
    'dc:publisher': '',
    'media:content': 'url medium width height type fileSize',
  },
  author: { name: '', uri: '', email: '' },
  'media:content': { 'media:title': 'type' },
}

function undefinedFaults(parent: StrictElement, known: typeof rss): string[] {
  const children = known[parent.name]
  // Character data between elements is refused.
  const stray = children && parent.text.trim() !== '' ? [`text in ${parent.name}`] : []
  return [
    ...stray,
    ...parent.children.flatMap((child) => {
      const attributes = children?.[child.name]
      if (attributes === undefined) return [`${child.name} in ${parent.name}`]
      const unknown = [...child.attributes.keys()].filter((name) => !attributes.split(' ').includes(name))
      return [...unknown.map((name) => `${name} of ${child.name}`), ...undefinedFaults(child, known)]
    }),
  ]
}

function namespaceFaults(root: StrictElement): string[] {
  return [...root.attributes]
    .filter(([name]) => name.startsWith('xmlns:'))
    .filter(([name, value]) => namespaces.get(name) !== value)
    .map(([name, value]) => `${name}="${value}"`)
}

/** The day of the week must be that of the date, and nothing was published before feeds or is far ahead. */
function dateFaults(text: string | null): string[] {
  if (text === null) return []
  const date = new Date(text)
  const isRight = !text.includes(',') || date.toUTCString() === text
  return isRight && date.getUTCFullYear() >= 1990 && date.getUTCFullYear() < 2100 ? [] : [`implausible ${text}`]
}

function mediaFaults(item: StrictElement): string[] {
  return childrenOf(item, 'media:content').flatMap(({ attributes }) => [
    ...(['image', 'audio', 'video', 'document', 'executable'].includes(attributes.get('medium') ?? 'image')
      ? []
      : ['medium']),
    ...['width', 'height', 'fileSize']
      .map((name) => attributes.get(name))
      .filter((value) => value !== undefined && !/^[1-9]\d*$/.test(value))
      .map((value) => `size ${value}`),
  ])
}

/** Links that stand for the document itself, or name one thing twice. */
function linkFaults(links: readonly StrictElement[], selfUrl: string | null): string[] {
  const named = links.map(({ attributes }) => ({
    rel: attributes.get('rel') ?? 'alternate',
    href: attributes.get('href') ?? '',
    type: attributes.get('type') ?? '',
  }))
  const self = named.filter(({ rel }) => rel === 'self')
  const alternates = named.filter(({ rel }) => rel === 'alternate').map(({ type }) => type)
  return [
    ...(selfUrl === null || self.some(({ href }) => href === selfUrl) ? [] : ['self is elsewhere']),
    ...(new Set(alternates).size < alternates.length ? ['alternate twice'] : []),
  ]
}

/** What the validator says of an RSS document at `selfUrl`. */
export function rssWarnings(root: StrictElement, selfUrl: string | null): string[] {
  const channel = childrenOf(root, 'channel')[0] ?? root
  const [ttl, language] = [textOf(channel, 'ttl'), textOf(channel, 'language')]
  return [
    ...namespaceFaults(root),
    ...undefinedFaults(root, rss),
    ...linkFaults(childrenOf(channel, 'atom:link'), selfUrl),
    ...(ttl === null || /^[1-9]\d*$/.test(ttl) ? [] : [`ttl ${ttl}`]),
    ...(language === null || /^[a-z]{2,3}(?:-[a-z\d]{2,8})*$/i.test(language) ? [] : [`language ${language}`]),
    ...dateFaults(textOf(channel, 'lastBuildDate')),
    ...childrenOf(channel, 'item').flatMap((item) => [
      ...dateFaults(textOf(item, 'pubDate')),
      ...dateFaults(textOf(item, 'atom:updated')),
      // Short numbers are taken for ids that another feed has too.
      ...(/^\d{1,8}$/.test(textOf(item, 'guid') ?? '') ? ['guid not unique enough'] : []),
      ...childrenOf(item, 'category').flatMap(({ text }) => (text.trim() === '' ? ['blank category'] : [])),
      ...mediaFaults(item),
    ]),
  ]
}

/** What the validator says of an Atom document at `selfUrl`. */
export function atomWarnings(root: StrictElement, selfUrl: string | null): string[] {
  return [
    ...namespaceFaults(root),
    ...undefinedFaults(root, atom),
    ...linkFaults(childrenOf(root, 'link'), selfUrl),
    ...dateFaults(textOf(root, 'updated')),
    ...childrenOf(root, 'entry').flatMap((entry) => [
      ...dateFaults(textOf(entry, 'updated')),
      ...dateFaults(textOf(entry, 'published')),
      ...linkFaults(childrenOf(entry, 'link'), null),
      // Pages of a feed are no matter of an entry (RFC 5005 §3).
      ...childrenOf(entry, 'link')
        .map(({ attributes }) => attributes.get('rel') ?? '')
        .filter((rel) => ['first', 'last', 'next', 'previous', 'self', 'hub'].includes(rel)),
      ...mediaFaults(entry),
    ]),
  ]
}
