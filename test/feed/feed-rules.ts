import { parseFragment } from 'parse5'
import { childrenOf, textOf, type StrictElement } from './strict-xml.ts'

// The rules of the W3C feed validator that our feeds could break, of RFC 4287 and of JSON Feed 1.1; each returns what is wrong.

const uri = /^[a-z][a-z0-9+.-]*:(?:\/\/)?[\w;/?:@&=+$.\-!~*'()%,#]+$/i
const rfc822 =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT$/
const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/
const mediaType = /^[^\s()<>,;:\\"/[\]?=]+\/[^\s()<>,;:\\"/[\]?=]+$/
const badCharacters = /[\u0080-\u009f\ufffd]/
const endTagInText = /<\/(?:a|b|body|div|font|i|p|script|span|title)>/i
const relations = new Set(['alternate', 'self', 'hub', 'related', 'enclosure', 'first', 'previous', 'next', 'last'])

/** What is wrong with HTML as the content of an item. */
export function htmlFaults(html: string): string[] {
  const faults: string[] = []
  // Scripting off, as in a reader: what stands in <noscript> counts.
  parseFragment(html, {
    scriptingEnabled: false,
    sourceCodeLocationInfo: true,
    onParseError: ({ code }) => faults.push(code),
  })
  if (/<(?:script|style|iframe|object|embed|form|svg|o:p)\b/i.test(html)) faults.push('unsafe element')
  if (/<[a-z][^>]*\s(?:on\w+|style)\s*=/i.test(html)) faults.push('unsafe attribute')
  for (const [, link = ''] of html.matchAll(/<[a-z][^>]*?\s(?:href|src)="([^"]*)"/gi)) {
    if (!/^(?:https?:\/\/[^/]|mailto:|tel:|data:image\/)/.test(link) || /[^!-~]/.test(link)) faults.push(`link ${link}`)
  }
  return faults
}

function plainFaults(where: string, text: string | null): string[] {
  if (text === null || text.trim() === '') return [`${where} is empty`]
  return [
    ...(endTagInText.test(text) ? [`${where} has markup`] : []),
    ...(/&(?:nbsp|amp|lt|gt|#\d+);/.test(text) ? [`${where} has entities`] : []),
    ...(badCharacters.test(text) ? [`${where} has bad characters`] : []),
  ]
}

function linkFaults(link: StrictElement): string[] {
  const { attributes } = link
  const [href = '', rel = 'alternate', type] = [attributes.get('href'), attributes.get('rel'), attributes.get('type')]
  return [
    ...(uri.test(href) ? [] : [`link ${href}`]),
    ...(relations.has(rel) ? [] : [`relation ${rel}`]),
    ...(type === undefined || mediaType.test(type) ? [] : [`media type ${type}`]),
    ...(attributes.get('title') === '' ? ['empty link title'] : []),
  ]
}

function duplicates(values: readonly (string | null)[]): (string | null)[] {
  return values.filter((value, index) => values.indexOf(value) !== index)
}

function rssItemFaults(item: StrictElement): string[] {
  const names = item.children.map(({ name }) => name)
  const once = [
    'title',
    'link',
    'description',
    'guid',
    'pubDate',
    'enclosure',
    'content:encoded',
    'dc:publisher',
    'atom:updated',
  ]
  const link = textOf(item, 'link')
  const content = textOf(item, 'content:encoded')
  const guid = childrenOf(item, 'guid')[0]
  const enclosure = childrenOf(item, 'enclosure')[0]?.attributes
  return [
    ...once.filter((name) => names.filter((other) => other === name).length > 1).map((name) => `${name} twice`),
    ...plainFaults('title', textOf(item, 'title')),
    ...(names.includes('description') ? [] : ['no description']),
    ...(content !== null && names.indexOf('content:encoded') < names.indexOf('description') ? ['content first'] : []),
    ...(content === null ? [] : htmlFaults(content)),
    ...(link === null || uri.test(link) ? [] : [`link ${link}`]),
    ...(guid?.attributes.get('isPermaLink') === 'false' && guid.text !== '' ? [] : ['guid']),
    ...[textOf(item, 'pubDate')].filter((date) => date !== null && !rfc822.test(date)).map((date) => `date ${date}`),
    ...[textOf(item, 'atom:updated')]
      .filter((date) => date !== null && !rfc3339.test(date))
      .map((date) => `date ${date}`),
    ...childrenOf(item, 'atom:link').flatMap(linkFaults),
    ...[...childrenOf(item, 'category'), ...childrenOf(item, 'dc:creator')].flatMap(({ name, text }) =>
      plainFaults(name, text),
    ),
    ...mediaFaults(item),
    ...(enclosure && !/^\d+$/.test(enclosure.get('length') ?? '') ? ['enclosure length'] : []),
    ...(enclosure && !mediaType.test(enclosure.get('type') ?? '') ? ['enclosure type'] : []),
    ...(enclosure && !uri.test(enclosure.get('url') ?? '') ? ['enclosure url'] : []),
  ]
}

/** What is wrong with an RSS 2.0 document. */
export function rssFaults(root: StrictElement): string[] {
  const channel = childrenOf(root, 'channel')[0]
  if (root.name !== 'rss' || root.attributes.get('version') !== '2.0' || !channel) return ['no RSS 2.0']
  const names = channel.children.map(({ name }) => name)
  const items = childrenOf(channel, 'item')
  const self = childrenOf(channel, 'atom:link').filter(({ attributes }) => attributes.get('rel') === 'self')
  const built = textOf(channel, 'lastBuildDate')
  return [
    ...plainFaults('channel title', textOf(channel, 'title')),
    ...plainFaults('channel description', textOf(channel, 'description')),
    ...(uri.test(textOf(channel, 'link') ?? '') ? [] : ['channel link']),
    ...(self.length === 1 ? [] : ['no link to itself']),
    ...(built === null || rfc822.test(built) ? [] : [`date ${built}`]),
    ...(names.lastIndexOf('item') >= 0 && names.slice(names.indexOf('item')).some((name) => name !== 'item')
      ? ['misplaced item']
      : []),
    ...childrenOf(channel, 'atom:link').flatMap(linkFaults),
    ...duplicates(items.map((item) => textOf(item, 'guid'))).map((guid) => `guid ${guid} twice`),
    ...items.flatMap(rssItemFaults),
  ]
}

const atomChildren: Readonly<Record<string, string>> = {
  feed: 'author category contributor generator icon id link logo rights subtitle title updated entry',
  entry:
    'author category content contributor id link published rights source summary title updated dc:publisher media:content',
}

function mediaFaults(element: StrictElement): string[] {
  return childrenOf(element, 'media:content').flatMap((media) => [
    ...(uri.test(media.attributes.get('url') ?? '') ? [] : ['media url']),
    ...childrenOf(media, 'media:title').flatMap((title) => plainFaults('media:title', title.text)),
  ])
}

function atomFaultsOf(element: StrictElement, text: (name: string) => string | null): string[] {
  const known = (atomChildren[element.name] ?? '').split(' ')
  const names = element.children.map(({ name }) => name)
  const single = ['id', 'title', 'updated', 'published', 'subtitle', 'summary', 'content', 'generator', 'rights']
  return [
    ...names.filter((name) => !known.includes(name)).map((name) => `${name} in ${element.name}`),
    ...['id', 'title', 'updated']
      .filter((name) => !names.includes(name))
      .map((name) => `no ${name} in ${element.name}`),
    ...single.filter((name) => names.filter((other) => other === name).length > 1).map((name) => `${name} twice`),
    ...(uri.test(text('id') ?? '') ? [] : [`id ${text('id')}`]),
    ...[text('updated'), text('published')]
      .filter((date) => date !== null && !rfc3339.test(date))
      .map((date) => `date ${date}`),
    ...[text('updated')].filter((date) => (date ?? '') < '1990').map((date) => `implausible ${date}`),
    ...childrenOf(element, 'link').flatMap(linkFaults),
    ...mediaFaults(element),
    ...childrenOf(element, 'author')
      .filter((author) => !textOf(author, 'name')?.trim())
      .map(() => 'nameless author'),
    ...element.children
      .filter(({ name }) => name === 'title' || name === 'summary' || name === 'subtitle')
      .flatMap((child) =>
        child.attributes.get('type') === 'html' ? htmlFaults(child.text) : plainFaults(child.name, child.text),
      ),
  ]
}

/** What is wrong with an Atom 1.0 document. */
export function atomFaults(root: StrictElement): string[] {
  if (root.name !== 'feed' || root.attributes.get('xmlns') !== 'http://www.w3.org/2005/Atom') return ['no Atom 1.0']
  const entries = childrenOf(root, 'entry')
  const names = root.children.map(({ name }) => name)
  return [
    ...atomFaultsOf(root, (name) => textOf(root, name)),
    ...(names.includes('entry') && names.slice(names.indexOf('entry')).some((name) => name !== 'entry')
      ? ['misplaced entry']
      : []),
    ...(childrenOf(root, 'link').some(({ attributes }) => attributes.get('rel') === 'self')
      ? []
      : ['no link to itself']),
    ...duplicates(entries.map((entry) => textOf(entry, 'id'))).map((id) => `id ${id} twice`),
    ...duplicates(entries.map((entry) => textOf(entry, 'updated'))).map((date) => `updated ${date} twice`),
    ...entries.flatMap((entry) => {
      const content = childrenOf(entry, 'content')[0]
      const alternates = childrenOf(entry, 'link').filter(({ attributes }) => attributes.get('rel') === 'alternate')
      const hasAuthor = [...childrenOf(entry, 'author'), ...childrenOf(root, 'author')].length > 0
      return [
        ...atomFaultsOf(entry, (name) => textOf(entry, name)),
        ...(content ? htmlFaults(content.text) : []),
        ...(content?.attributes.get('type') === 'html' || !content ? [] : ['content type']),
        ...(content || alternates.length > 0 ? [] : ['neither content nor alternate']),
        ...(content || textOf(entry, 'summary') !== null ? [] : ['no textual content']),
        ...(alternates.length > 1 ? ['two alternates'] : []),
        ...(hasAuthor ? [] : ['no author']),
      ]
    }),
  ]
}
