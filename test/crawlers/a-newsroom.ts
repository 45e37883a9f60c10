import { afterEach } from 'vitest'
import { startServer, type TestServer } from './a-server.ts'
import { aMemoryArchive, type MemoryArchive } from './memory-ports.ts'

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const thing of open.splice(0).toReversed()) await thing.close()
})

/** A publisher's server that ends with its test. */
export async function aNewsroom(routes: Parameters<typeof startServer>[0] = {}): Promise<TestServer> {
  const server = await startServer(routes)
  open.push(server)
  return server
}

/** An archive whose connections end with its test. */
export function anArchive(...over: Parameters<typeof aMemoryArchive>): MemoryArchive {
  const archive = aMemoryArchive(...over)
  open.push(archive)
  return archive
}

/** An article's page, in the shape that the tests' reader knows. */
export function anArticlePage(title: string, text = `${title} in full.`): string {
  return `<h1>${title}</h1><p>${text}</p>`
}

/** A list page of these paths, newest first: the first is of 4 November 2019, the next of the day before. */
export function aListPage(paths: readonly string[], nextPath?: string): string {
  const links = paths.map((path, index) => {
    const at = new Date(Date.UTC(2019, 10, 4 - index)).toISOString()
    return `<a href="${path}" data-at="${at}">Title of ${path}</a>`
  })
  return links.join('\n') + (nextPath === undefined ? '' : `<a rel=next href="${nextPath}">next</a>`)
}

/** Routes of these paths' articles. */
export function articlesAt(paths: readonly string[]): Record<string, string> {
  return Object.fromEntries(paths.map((path) => [path, anArticlePage(`Article ${path}`)]))
}
