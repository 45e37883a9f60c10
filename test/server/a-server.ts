import { request, type IncomingHttpHeaders } from 'node:http'
import type { Database } from '../../src/archive/database.ts'
import { feedDefinitionSchema } from '../../src/model/feed-definition.ts'
import { sourceSchema, type Source } from '../../src/model/source.ts'
import { startServer, type RunningServer } from '../../src/server/server.ts'
import { silent } from '../silent.ts'

export const sources: readonly Source[] = [
  { id: 'ministry', name: '商务部', tags: ['ministry', 'trade'], publisher: 'government' },
  { id: 'city', name: '市政府', tags: ['city'], publisher: 'government' },
  { id: 'portal', name: '新闻门户', tags: ['media'], publisher: 'media' },
].map((source) => sourceSchema.parse({ ...source, listings: [`https://${source.id}.example/`] }))

const feeds = [
  { id: 'all', title: '全部公告', items: 3 },
  { id: 'trade', title: '跨境贸易', words: { any: ['跨境电商', '外贸'], none: ['招聘'] }, content: 'summary' },
  { id: 'titles', title: '标题有通知', titleWords: { all: ['通知'] } },
  { id: 'media', title: '媒体', publishers: ['media'] },
  { id: 'query', title: '查询', query: '大会 | 通知', tags: ['ministry'] },
  { id: 'recent', title: '近日', maxAge: '1h' },
].map((feed) => feedDefinitionSchema.parse(feed))

/** The server on an archive, with feeds of every kind. */
export function aServer(database: Database): Promise<RunningServer> {
  return startServer({ database, feeds, sources, host: '127.0.0.1', port: 0, publicUrl: null, log: silent })
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly text: string
}

/** One request as it is, nothing followed and nothing decoded. */
export function ask(url: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const body = Buffer.concat(chunks)
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body, text: body.toString() })
      })
    })
    asked.on('error', reject)
    asked.end()
  })
}
