import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { freePort } from '../../src/archive/embedded/free-port.ts'
import { sourceSchema } from '../../src/model/source.ts'
import type { SiteId } from '../../src/newsroom/announcement.ts'
import { startNewsroom, type Newsroom } from '../../src/newsroom/newsroom.ts'
import { endProcessesIn } from './folder-processes.ts'
import { RedisServer } from './redis-server.ts'

/** A crawl of the newsroom takes a second or two with it: long enough to be hit in the middle. */
const latencyMs = 50
/** The shortest interval that sources may have. */
const everySeconds = 5

/** What stays the same while Newsfold is killed: addresses, ports, configuration. Each round has its own data folder. */
export class Stage {
  readonly folder: string
  readonly configFolder: string
  readonly port: number
  readonly redis: RedisServer | null
  readonly #newsroomPorts: Readonly<Record<SiteId, number>>
  #rounds = 0

  private constructor(folder: string, ports: readonly number[], withRedis: boolean) {
    const [port = 0, redisPort = 0, ministry = 0, city = 0, portal = 0] = ports
    this.folder = folder
    this.configFolder = join(folder, 'config')
    this.port = port
    this.redis = withRedis ? new RedisServer(redisPort, join(folder, 'redis')) : null
    this.#newsroomPorts = { ministry, city, portal }
  }

  static async open(withRedis: boolean): Promise<Stage> {
    const ports = new Set<number>()
    while (ports.size < 5) ports.add(await freePort(null))
    const stage = new Stage(mkdtempSync(join(tmpdir(), 'newsfold-chaos-')), [...ports], withRedis)
    await stage.redis?.start()
    return stage
  }

  /** The publishers as they were at first, before any correction. */
  async openNewsroom(): Promise<Newsroom> {
    const newsroom = await startNewsroom({ ports: this.#newsroomPorts, latencyMs, correctAfterMs: null })
    this.#writeConfig(newsroom)
    return newsroom
  }

  #writeConfig(newsroom: Newsroom): void {
    const sources = join(this.configFolder, 'sources')
    mkdirSync(sources, { recursive: true })
    for (const source of newsroom.sources()) {
      const { id, ...rest } = sourceSchema.parse(source)
      const schedule = { every: `${everySeconds}s` }
      writeFileSync(join(sources, `${id}.yaml`), stringify({ ...rest, schedule }))
    }
    const feeds = [{ id: 'all', title: 'All', items: 1000 }]
    writeFileSync(join(this.configFolder, 'feeds.yaml'), stringify({ feeds }))
  }

  newDataFolder(): string {
    this.#rounds++
    const folder = join(this.folder, `data-${this.#rounds}`)
    mkdirSync(folder)
    return folder
  }

  async dropDataFolder(folder: string): Promise<void> {
    await endProcessesIn(folder)
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  }

  /** Ends what was started and removes what was written. */
  async close(): Promise<void> {
    await this.redis?.kill()
    await this.dropDataFolder(this.folder)
  }
}
