import { sourcePage } from './pages/source-page.ts'
import { barsInList, onPage, sourcesPage } from './pages/sources-page.ts'
import type { View } from './pages/view.ts'
import type { Draft } from './rendering.ts'
import type { Publication } from './rendering-store.ts'
import { chooseSources, readSourceChoice, writeSourceChoice, type SourceChoice } from './source-choice.ts'
import type { SourceWatch } from './source-facts.ts'
import { sourceHistoryJson, sourceJson } from './source-json.ts'

/** Runs end all the time: what is shown of them may be this old. */
const shownForMs = 10_000

export interface SourcePublicationsOptions {
  readonly watch: SourceWatch
  readonly view: View
  readonly now: () => Date
}

/** A draft that is made anew soon, whatever the archive does. */
function draftOf(body: string, contentType: string): Draft {
  return {
    body,
    contentType,
    lastModified: null,
    maxAgeSeconds: shownForMs / 1000,
    freshForMs: shownForMs,
    isForAllOrigins: contentType.startsWith('application/json'),
  }
}

const html = 'text/html; charset=utf-8'
const json = 'application/json; charset=utf-8'

function listPublication(options: SourcePublicationsOptions, choice: SourceChoice, isJson: boolean): Publication {
  const { watch, view, now } = options
  const path = isJson ? '/api/sources' : '/sources'
  const render = async (): Promise<Draft> => {
    const all = await watch.all()
    const chosen = chooseSources(all, choice)
    const shown = isJson ? chosen : onPage(chosen, choice)
    const runs = await watch.runsOf(
      shown.map(({ source }) => source.id),
      isJson ? 1 : barsInList,
    )
    const at = now()
    if (!isJson) return draftOf(sourcesPage(view, { path, all, choice, chosen, runs, now: at }), html)
    const sources = chosen.map((facts) => sourceJson(facts, runs.get(facts.source.id)?.[0] ?? null))
    return draftOf(JSON.stringify({ sources }), json)
  }
  return { address: writeSourceChoice(path, choice), isPinned: false, render }
}

function onePublication(options: SourcePublicationsOptions, id: string, isJson: boolean): Publication {
  const { watch, view, now } = options
  const render = async (): Promise<Draft | null> => {
    const facts = (await watch.all()).find(({ source }) => source.id === id)
    if (!facts) return null
    const history = await watch.historyOf(id)
    const at = now()
    if (isJson) return draftOf(JSON.stringify(sourceHistoryJson(facts, history)), json)
    return draftOf(sourcePage(view, { path: '/sources', facts, history, now: at, isForOperator: false }), html)
  }
  return { address: `${isJson ? '/api' : ''}/sources/${id}`, isPinned: false, render }
}

/** Pages and JSON of the sources, by address; `null` of any other. */
export function createSourcePublications(
  options: SourcePublicationsOptions,
): (path: string, params: URLSearchParams) => Publication | null {
  return (path, params) => {
    const [, api, id] = /^(\/api)?\/sources(?:\/([a-z0-9-]+))?$/.exec(path) ?? []
    const isJson = api !== undefined
    if (id !== undefined) return onePublication(options, id, isJson)
    if (!/^(\/api)?\/sources$/.test(path)) return null
    const choice = readSourceChoice(params)
    return listPublication(options, isJson ? { ...choice, page: 1 } : choice, isJson)
  }
}
