import type { FeedDefinition } from '../../model/feed-definition.ts'
import { html, type Html } from '../html.ts'
import type { View } from './view.ts'

type Chosen = Partial<Pick<FeedDefinition, 'query' | 'sources' | 'tags' | 'languages' | 'publishers' | 'maxAge'>>

interface Choice {
  readonly value: string
  readonly label: string
}

function select(name: string, label: Html, choices: readonly Choice[], chosen: readonly string[]): Html | null {
  if (choices.length === 0) return null
  const options = [{ value: '', label: '全部 All' }, ...choices].map(({ value, label }) =>
    chosen.includes(value) && value !== ''
      ? html`<option value="${value}" selected>${label}</option>`
      : html`<option value="${value}">${label}</option>`,
  )
  // A choice of several, as an address may have it, is kept as it is.
  const isMultiple = chosen.length > 1
  const list = isMultiple
    ? html`<select name="${name}" multiple size="4">
        ${options}
      </select>`
    : html`<select name="${name}">
        ${options}
      </select>`
  return html`<label><span>${label}</span>${list}</label>`
}

const languages = [
  { value: 'zh', label: '中文' },
  { value: 'zh-Hant', label: '繁體中文' },
  { value: 'en', label: 'English' },
]
const kinds = [
  { value: 'government', label: '政府 Government' },
  { value: 'institution', label: '机构 Institution' },
  { value: 'association', label: '协会 Association' },
  { value: 'company', label: '企业 Company' },
  { value: 'media', label: '媒体 Media' },
]
const ages = [
  { value: '1', label: '一天 1 day' },
  { value: '7', label: '一周 7 days' },
  { value: '30', label: '一月 30 days' },
  { value: '365', label: '一年 365 days' },
]

/** The form that makes a search, and so a feed. */
export function searchForm(view: View, chosen: Chosen): Html {
  const sources = [...view.site.sources.values()]
  const tags = [...new Set(sources.flatMap((source) => source.tags))].toSorted()
  const usedKinds = kinds.filter(({ value }) => sources.some(({ publisher }) => publisher === value))
  const days = chosen.maxAge === undefined ? [] : [String(chosen.maxAge / 86_400_000)]
  const otherDays = days.filter((value) => !ages.some((age) => age.value === value))
  return html`<form class="query" id="search" action="${view.link('/feeds/search.html')}" role="search">
    <p class="line">
      <input
        type="search"
        name="q"
        value="${chosen.query ?? ''}"
        maxlength="500"
        autocomplete="off"
        placeholder="跨境电商 -招聘"
        aria-label="要找的词语 Words to find"
      />
      <button>搜索 <i lang="en">Search</i></button>
    </p>
    <p class="choices">
      ${select(
        'source',
        html`来源 <i lang="en">Source</i>`,
        sources.map(({ id, name }) => ({ value: id, label: name })),
        chosen.sources ?? [],
      )}
      ${select(
        'tag',
        html`标签 <i lang="en">Tag</i>`,
        tags.map((tag) => ({ value: tag, label: tag })),
        chosen.tags ?? [],
      )}
      ${select('kind', html`发布者 <i lang="en">Publisher</i>`, usedKinds, chosen.publishers ?? [])}
      ${select('lang', html`语言 <i lang="en">Language</i>`, languages, chosen.languages ?? [])}
      ${select(
        'days',
        html`时间 <i lang="en">Age</i>`,
        [...ages, ...otherDays.map((value) => ({ value, label: `${value} 天 days` }))],
        days,
      )}
    </p>
  </form>`
}

/** The operators, beside the form. */
export const searchHelp: Html = html`<details class="help">
  <summary>搜索语法 <i lang="en">How to search</i></summary>
  <table>
    <tr>
      <td><code>跨境电商 出口</code></td>
      <td>两者都有 <i lang="en">both</i></td>
    </tr>
    <tr>
      <td><code>钢铁 | 煤炭</code></td>
      <td>任一，也可写 OR <i lang="en">either, also OR</i></td>
    </tr>
    <tr>
      <td><code>-招聘</code></td>
      <td>不含 <i lang="en">without</i></td>
    </tr>
    <tr>
      <td><code>"tax reform"</code></td>
      <td>完整短语 <i lang="en">the whole phrase</i></td>
    </tr>
    <tr>
      <td><code>标题:通知</code></td>
      <td>标题中有 <i lang="en">in the title, also title:</i></td>
    </tr>
    <tr>
      <td><code>(钢铁 | 煤炭) -招聘</code></td>
      <td>分组 <i lang="en">groups</i></td>
    </tr>
  </table>
</details>`
