import { html, type Html } from '../html.ts'
import type { View } from './view.ts'

export interface PageParts {
  readonly title: string
  /** Of the page's text, where it is known; the frame around it is Chinese with English beside. */
  readonly body: Html
  readonly links?: readonly Html[]
  /** What stands in the search field of the header; `null`: the page has a form of its own. */
  readonly query?: string | null
}

/** Feeds that readers find by the page's address (autodiscovery). */
export function alternateLinks(
  view: View,
  feeds: readonly { readonly title: string; readonly path: string }[],
): Html[] {
  return feeds.flatMap(({ title, path }) => {
    const [file = '', search] = path.split('?')
    return view.formats.map((format) => {
      const address = `${file}.${format.extension}${search ? `?${search}` : ''}`
      const type = format.contentType.split(';')[0] ?? ''
      return html`<link
        rel="alternate"
        type="${type}"
        title="${title} (${format.name})"
        href="${view.link(address)}"
      />`
    })
  })
}

function searchField(view: View, query: string | null | undefined): Html | null {
  if (!view.canSearch || query === null) return null
  return html`<form class="search" action="${view.link('/feeds/search.html')}" role="search">
    <input type="search" name="q" value="${query ?? ''}" placeholder="搜索公告 Search" aria-label="搜索 Search" />
  </form>`
}

/** A whole page around its body. */
export function layout(view: View, { title, body, links = [], query }: PageParts): string {
  return html`<!doctype html>
    <html lang="zh">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <link rel="stylesheet" href="${view.link('/newsfold.css')}" />
        <link rel="icon" type="image/svg+xml" href="${view.link('/favicon.svg')}" />
        ${links}
      </head>
      <body>
        <header class="top">
          <a class="name" href="${view.link('/')}">Newsfold</a>
          ${searchField(view, query)}
          <nav>
            ${view.canSearch ? html`<a href="${view.link('/feeds/search.html')}">搜索 <i lang="en">Search</i></a>` : null}
            ${view.isLive ? html`<a href="${view.link('/sources')}">来源 <i lang="en">Sources</i></a>` : null}
            <a href="${view.link('/')}#feeds">订阅 <i lang="en">Feeds</i></a>
            ${view.site.publicUrl === '' ? null : html`<a href="${view.link('/feeds.opml')}">OPML</a>`}
          </nav>
        </header>
        ${body}
      </body>
    </html>`.markup
}

/** What a person sees at an address that shows nothing. */
export function messagePage(view: View, status: number, message: string): string {
  return layout(view, {
    title: `${status} · Newsfold`,
    body: html`<main>
      <h1>${status}</h1>
      <p>${message}</p>
      <p>
        <a href="${view.link('/')}">最新公告 <i lang="en">Newest</i></a>
      </p>
    </main>`,
  })
}
