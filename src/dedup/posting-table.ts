/**
 * Which numbered articles have which keys, newest first: a chained hash table in flat arrays. Twenty million entries take 300 MB,
 * where a `Map` of arrays takes ten times as much and ends at 2²⁴ keys.
 */
export class PostingTable {
  #heads = new Uint32Array(1 << 12)
  #keys = new Uint32Array(1 << 12)
  #articles = new Uint32Array(1 << 12)
  #next = new Uint32Array(1 << 12)
  #count = 0

  add(key: number, article: number): void {
    if (this.#count + 1 >= this.#keys.length) this.#grow()
    // Entry 0 is nobody: a chain ends with it.
    this.#count++
    this.#keys[this.#count] = key
    this.#articles[this.#count] = article
    this.#link(this.#count)
  }

  /** At most `most` articles with the key, the newest first. */
  newest(key: number, most: number): number[] {
    const found: number[] = []
    let entry = this.#heads[this.#bucket(key)] ?? 0
    while (entry !== 0 && found.length < most) {
      if (this.#keys[entry] === key) found.push(this.#articles[entry] ?? 0)
      entry = this.#next[entry] ?? 0
    }
    return found
  }

  #bucket(key: number): number {
    // Keys are chosen by being low, so their high bits say little.
    return (Math.imul(key, 0x9e3779b1) >>> 7) & (this.#heads.length - 1)
  }

  #link(entry: number): void {
    const bucket = this.#bucket(this.#keys[entry] ?? 0)
    this.#next[entry] = this.#heads[bucket] ?? 0
    this.#heads[bucket] = entry
  }

  #grow(): void {
    const size = this.#keys.length * 2
    this.#keys = copied(this.#keys, size)
    this.#articles = copied(this.#articles, size)
    this.#next = copied(this.#next, size)
    this.#heads = new Uint32Array(size)
    for (let entry = 1; entry <= this.#count; entry++) this.#link(entry)
  }
}

function copied(values: Uint32Array, size: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(size)
  larger.set(values)
  return larger
}
