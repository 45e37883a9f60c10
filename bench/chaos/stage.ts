import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { freePort } from '../../src/archive/embedded/free-port.ts'
import { sourceSchema } from '../../src/model/source.ts'
import type { SiteId } from '../../src/newsroom/announcement.ts'
import { startNewsroom, type Newsroom, type NewsroomOptions } from '../../src/newsroom/newsroom.ts'
import { endProcessesIn } from './folder-processes.ts'
import { PostgresServer } from './postgres-server.ts'
import { Receiver } from './receiver.ts'
import { RedisServer } from './redis-server.ts'
import type { SetUp } from './scene.ts'
import { SmallDisk } from './small-disk.ts'

/** A crawl of the newsroom takes a second or two with it: long enough to be hit in the middle. */
const latencyMs = 50

/** What stays the same while Newsfold is killed: addresses, ports, stores. Each round has its own data folder. */
export class Stage {
  readonly folder: string
  readonly configFolder: string
  readonly port: number
  readonly receiverPort: number
  receiver: Receiver | null = null
  redis: RedisServer | null = null
  postgres: PostgresServer | null = null
  disk: SmallDisk | null = null
  readonly #redisPort: number
  readonly #newsroomPorts: Readonly<Record<SiteId, number>>
  #rounds = 0

  private constructor(folder: string, ports: readonly number[]) {
    const [port = 0, redisPort = 0, ministry = 0, city = 0, portal = 0, receiverPort = 0] = ports
    this.folder = folder
    this.configFolder = join(folder, 'config')
    this.port = port
    this.receiverPort = receiverPort
    this.#redisPort = redisPort
    this.#newsroomPorts = { ministry, city, portal }
  }

  static async open(): Promise<Stage> {
    const ports = new Set<number>()
    while (ports.size < 6) ports.add(await freePort(null))
    return new Stage(mkdtempSync(join(tmpdir(), 'newsfold-chaos-')), [...ports])
  }

  /** Gets ready what a scene needs. @returns why it cannot be played on this machine; `null`: it can */
  async prepare({ redis, database, smallDisk }: SetUp): Promise<string | null> {
    if (redis && !this.redis) {
      this.redis = new RedisServer(this.#redisPort, join(this.folder, 'redis'))
      await this.redis.start()
    }
    if (database === 'own' && !this.postgres) {
      const folder = join(this.folder, 'own-postgres')
      mkdirSync(folder)
      this.postgres = new PostgresServer(folder)
      await this.postgres.start()
    }
    if (smallDisk) this.disk ??= SmallDisk.mount(join(this.folder, 'small-disk'))
    return smallDisk && !this.disk ? 'only root may mount a small file system to fill' : null
  }

  /** The publishers as they were at first, before any correction. */
  async openNewsroom(everySeconds: number, saw: NonNullable<NewsroomOptions['saw']>): Promise<Newsroom> {
    const newsroom = await startNewsroom({ ports: this.#newsroomPorts, latencyMs, correctAfterMs: null, saw })
    const sources = join(this.configFolder, 'sources')
    mkdirSync(sources, { recursive: true })
    for (const source of newsroom.sources()) {
      const { id, ...rest } = sourceSchema.parse(source)
      const schedule = { every: `${everySeconds}s` }
      writeFileSync(join(sources, `${id}.yaml`), stringify({ ...rest, schedule }))
    }
    this.receiver ??= await Receiver.open(this.receiverPort)
    this.receiver.forget()
    const webhook = { url: `http://127.0.0.1:${this.receiverPort}/`, events: ['new', 'changed'], maxAge: '36500d' }
    const feeds = [{ id: 'all', title: 'All', items: 1000, webhooks: [webhook] }]
    writeFileSync(join(this.configFolder, 'feeds.yaml'), stringify({ feeds }))
    return newsroom
  }

  newDataFolder(onSmallDisk: boolean): string {
    this.#rounds++
    const folder = join(onSmallDisk && this.disk ? this.disk.folder : this.folder, `data-${this.#rounds}`)
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
    await this.postgres?.stop('SIGKILL')
    await this.receiver?.close()
    await endProcessesIn(this.folder)
    this.disk?.unmount()
    await this.dropDataFolder(this.folder)
  }
}
