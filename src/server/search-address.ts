import { NewsfoldError } from '../model/errors.ts'
import { feedDefinitionSchema, type FeedDefinition } from '../model/feed-definition.ts'
import { nearestName } from '../model/nearest-name.ts'
import { publisherKinds, type Source } from '../model/source.ts'
import { parseQuery } from '../search/parse-query.ts'
import { placeParameters } from './feed-place.ts'

/** An address whose query cannot be answered: what is wrong, for a person. */
export class BadAddressError extends NewsfoldError {
  constructor(message: string) {
    super('server.bad-address', message, { retry: 'never' })
  }
}

/** Longer addresses come from no form of ours. */
const longestAddress = 8000
/** Values of one parameter. */
const mostValues = 20
/** Items of a search: more of them are on its next pages. */
const mostItems = 200
const mostDays = 36_500

const parameters = ['q', 'source', 'tag', 'lang', 'kind', 'days', 'order', 'limit', 'content'] as const
type Parameter = (typeof parameters)[number]

function isParameter(name: string): name is Parameter {
  return parameters.some((parameter) => parameter === name)
}

/** Values by parameter: empty ones, as forms send them, count as none; commas part values. */
function readParameters(params: URLSearchParams): ReadonlyMap<Parameter, readonly string[]> {
  const values = new Map<Parameter, string[]>()
  for (const [name, text] of params) {
    // What mail programs and networks append to links.
    if (placeParameters.has(name) || /^(?:utm_|fbclid$|_$)/.test(name)) continue
    if (!isParameter(name)) {
      const nearest = nearestName(name, [...parameters, ...placeParameters])
      const hint = nearest ? `；是否指 ${nearest}？Did you mean "${nearest}"?` : ''
      throw new BadAddressError(`没有参数“${name}”。There is no parameter "${name}"${hint}`)
    }
    const parts = name === 'q' ? [text.trim()] : text.split(',').map((part) => part.trim())
    const list = values.get(name) ?? []
    list.push(...parts.filter((part) => part !== ''))
    if (list.length > 0) values.set(name, list)
    if (list.length > mostValues)
      throw new BadAddressError(`${name}：最多 ${mostValues} 个值。At most ${mostValues} values.`)
  }
  return values
}

function knownValues<T extends string>(name: Parameter, values: readonly string[] | undefined, known: readonly T[]) {
  if (!values) return undefined
  return [...new Set(values)].toSorted().map((value) => {
    const found = known.find((candidate) => candidate === value)
    if (found !== undefined) return found
    const nearest = nearestName(value, known)
    const hint = nearest ? `；是否指 ${nearest}？Did you mean "${nearest}"?` : ''
    throw new BadAddressError(`${name}：没有“${value}”。There is no ${name} "${value}"${hint}`)
  })
}

function single(name: Parameter, values: readonly string[] | undefined): string | undefined {
  if (values && values.length > 1) {
    throw new BadAddressError(`${name}：只能有一个值。Expected one value, got ${values.length}.`)
  }
  return values?.[0]
}

function wholeNumber(name: Parameter, values: readonly string[] | undefined, most: number): number | undefined {
  const text = single(name, values)
  if (text === undefined) return undefined
  const value = /^\d{1,6}$/.test(text) ? Number(text) : 0
  if (value < 1 || value > most) {
    throw new BadAddressError(
      `${name}：应为 1 到 ${most} 的整数。Expected a whole number from 1 to ${most}, got ${JSON.stringify(text)}.`,
    )
  }
  return value
}

function languagesOf(values: readonly string[] | undefined): string[] | undefined {
  const languages = values && [...new Set(values)].toSorted()
  const wrong = languages?.find((language) => !/^[a-z]{2,3}(?:-[a-z\d]{2,8})*$/i.test(language))
  if (wrong === undefined) return languages
  throw new BadAddressError(
    `lang：应为 zh、zh-Hant、en 这样的语言标记。Expected a language tag such as zh or en, got ${JSON.stringify(wrong)}.`,
  )
}

function titleOf(feed: Pick<FeedDefinition, 'query' | 'sources' | 'tags' | 'languages' | 'publishers'>): string {
  const parts = [
    feed.query,
    ...(feed.sources ?? []),
    ...(feed.tags ?? []).map((tag) => `#${tag}`),
    ...(feed.publishers ?? []),
    ...(feed.languages ?? []),
  ].filter((part) => part !== undefined)
  return parts.length === 0 ? '全部公告 All announcements' : `搜索：${parts.join(' ')}`
}

/**
 * The feed that the parameters of a search describe.
 * @throws {BadAddressError | QueryError} a parameter or the query cannot be understood
 */
export function readSearch(params: URLSearchParams, sources: ReadonlyMap<string, Source>): FeedDefinition {
  if (params.toString().length > longestAddress) {
    throw new BadAddressError(`查询太长。The query is too long: at most ${longestAddress} characters.`)
  }
  const values = readParameters(params)
  const query = values.get('q')?.join(' ').replaceAll(/\s+/g, ' ')
  if (query !== undefined) parseQuery(query)
  const days = wholeNumber('days', values.get('days'), mostDays)
  const tags = [...new Set([...sources.values()].flatMap((source) => source.tags))]
  const [order] = knownValues('order', values.get('order'), ['published', 'seen', 'changed'] as const) ?? []
  const [content] = knownValues('content', values.get('content'), ['full', 'summary'] as const) ?? []
  const chosen = {
    query,
    sources: knownValues('source', values.get('source'), [...sources.keys()]),
    tags: knownValues('tag', values.get('tag'), tags),
    languages: languagesOf(values.get('lang')),
    publishers: knownValues('kind', values.get('kind'), publisherKinds),
  }
  const title = titleOf(chosen)
  return {
    ...feedDefinitionSchema.parse({ id: 'all', title }),
    ...Object.fromEntries(Object.entries(chosen).filter(([, value]) => value !== undefined)),
    id: 'search',
    items: wholeNumber('limit', values.get('limit'), mostItems) ?? 50,
    ...(days === undefined ? {} : { maxAge: days * 86_400_000 }),
    ...(order ? { order } : {}),
    ...(content ? { content } : {}),
  }
}

/** The one way to write a search as an address, without `?`: equal searches are equal texts. */
export function writeSearch(feed: FeedDefinition): URLSearchParams {
  const params = new URLSearchParams()
  if (feed.query !== undefined) params.set('q', feed.query)
  for (const id of feed.sources ?? []) params.append('source', id)
  for (const tag of feed.tags ?? []) params.append('tag', tag)
  for (const language of feed.languages ?? []) params.append('lang', language)
  for (const kind of feed.publishers ?? []) params.append('kind', kind)
  if (feed.maxAge !== undefined) params.set('days', String(feed.maxAge / 86_400_000))
  if (feed.order !== 'published') params.set('order', feed.order)
  if (feed.items !== 50) params.set('limit', String(feed.items))
  if (feed.content !== 'full') params.set('content', feed.content)
  return params
}
