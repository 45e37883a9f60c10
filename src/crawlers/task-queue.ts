import { Request, type Dictionary, type IRequestManager } from '@crawlee/basic'

/** Something that a run has to do, and how often it has been tried. */
interface Task {
  readonly key: string
  readonly url: string
  retryCount: number
}

/**
 * The requests of one run, first come, first served. Crawlee's own queue keeps 16 MB of empty slots for a million
 * addresses (3.18) and locks on them that nobody else could take.
 */
export class TaskQueue implements IRequestManager {
  readonly #waiting: Task[] = []
  readonly #underWay = new Map<string, Task>()
  #handled = 0

  /** Keys are unique within a run; the caller sees to that. */
  add(key: string, url: string, retryCount = 0): void {
    this.#waiting.push({ key, url, retryCount })
  }

  fetchNextRequest<T extends Dictionary = Dictionary>(): Promise<Request<T> | null> {
    const task = this.#waiting.shift()
    if (!task) return Promise.resolve(null)
    this.#underWay.set(task.key, task)
    const request = new Request<T>({ url: task.url, uniqueKey: task.key })
    request.id = task.key
    request.retryCount = task.retryCount
    return Promise.resolve(request)
  }

  markRequestHandled(request: Request): Promise<null> {
    if (this.#underWay.delete(request.uniqueKey)) this.#handled += 1
    return Promise.resolve(null)
  }

  reclaimRequest(request: Request): Promise<null> {
    const task = this.#underWay.get(request.uniqueKey)
    this.#underWay.delete(request.uniqueKey)
    if (task) this.#waiting.push({ ...task, retryCount: request.retryCount })
    return Promise.resolve(null)
  }

  isEmpty(): Promise<boolean> {
    return Promise.resolve(this.#waiting.length === 0)
  }

  isFinished(): Promise<boolean> {
    return Promise.resolve(this.#waiting.length === 0 && this.#underWay.size === 0)
  }

  handledCount(): Promise<number> {
    return Promise.resolve(this.#handled)
  }

  getTotalCount(): number {
    return this.#handled + this.getPendingCount()
  }

  getPendingCount(): number {
    return this.#waiting.length + this.#underWay.size
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Request> {
    for (let request = await this.fetchNextRequest(); request; request = await this.fetchNextRequest()) yield request
  }

  addRequest(): Promise<never> {
    return Promise.reject(new Error('A run adds its tasks with add().'))
  }

  addRequestsBatched(): Promise<never> {
    return Promise.reject(new Error('A run adds its tasks with add().'))
  }
}
