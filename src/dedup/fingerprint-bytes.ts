import type { DetailList } from './details.ts'
import type { Fingerprint } from './fingerprint.ts'
import { subjectSetBytes } from './subjects.ts'

/** Changes when the meaning of a fingerprint does: those of another version say nothing about an article of this one. */
export const fingerprintVersion = 1

/** A fingerprint as bytes, for a database's column or a crowded memory: at most 2 KB, 1.3 KB for a report of 900 characters. */
export function encodeFingerprint(print: Fingerprint): Uint8Array {
  const out = new Writer()
  out.u8(fingerprintVersion)
  out.hex(print.exact ?? '')
  out.optional(print.titleKey, (key) => out.u32(key))
  out.optional(print.publishedAt, (at) => out.f64(at))
  out.u32(print.words)
  out.u8(print.level)
  out.u16(print.leadCount)
  out.u16(print.items)
  out.list16(print.titleSubjects)
  out.bytes(print.leadSubjects)
  out.list32(print.shingles)
  out.u8(print.paragraphs.length)
  for (const { hash, start, end } of print.paragraphs) {
    out.u32(hash)
    out.u16(start)
    out.u16(end)
  }
  for (const details of [print.numbers, print.names, print.titleNumbers]) {
    out.list32(details.contexts)
    out.list16(details.values)
  }
  return out.done()
}

/**
 * The fingerprint that `encodeFingerprint` wrote.
 * @returns `null` when the bytes are of another version: the article has to be read again
 */
export function decodeFingerprint(bytes: Uint8Array): Fingerprint | null {
  const from = new Reader(bytes)
  if (from.u8() !== fingerprintVersion) return null
  const exact = from.hex()
  return {
    exact: exact === '' ? null : exact,
    titleKey: from.optional(() => from.u32()),
    publishedAt: from.optional(() => from.f64()),
    words: from.u32(),
    level: from.u8(),
    leadCount: from.u16(),
    items: from.u16(),
    titleSubjects: from.list16(),
    leadSubjects: from.bytes(subjectSetBytes),
    shingles: from.list32(),
    paragraphs: Array.from({ length: from.u8() }, () => ({ hash: from.u32(), start: from.u16(), end: from.u16() })),
    numbers: readDetails(from),
    names: readDetails(from),
    titleNumbers: readDetails(from),
  }
}

function readDetails(from: Reader): DetailList {
  return { contexts: from.list32(), values: from.list16() }
}

/** Room for the largest fingerprint. */
const capacity = 4096

class Writer {
  readonly #buffer = new Uint8Array(capacity)
  readonly #view = new DataView(this.#buffer.buffer)
  #at = 0

  u8(value: number): void {
    this.#view.setUint8(this.#at, value)
    this.#at += 1
  }

  u16(value: number): void {
    this.#view.setUint16(this.#at, Math.min(value, 0xffff), true)
    this.#at += 2
  }

  u32(value: number): void {
    this.#view.setUint32(this.#at, value, true)
    this.#at += 4
  }

  f64(value: number): void {
    this.#view.setFloat64(this.#at, value, true)
    this.#at += 8
  }

  optional(value: number | null, write: (value: number) => void): void {
    this.u8(value === null ? 0 : 1)
    if (value !== null) write(value)
  }

  hex(text: string): void {
    this.u8(text.length / 2)
    this.bytes(Buffer.from(text, 'hex'))
  }

  bytes(values: Uint8Array): void {
    this.#buffer.set(values, this.#at)
    this.#at += values.length
  }

  list16(values: Uint16Array): void {
    this.u16(values.length)
    for (const value of values) this.u16(value)
  }

  list32(values: Uint32Array): void {
    this.u16(values.length)
    for (const value of values) this.u32(value)
  }

  done(): Uint8Array {
    return this.#buffer.slice(0, this.#at)
  }
}

class Reader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  u8(): number {
    this.#at += 1
    return this.#view.getUint8(this.#at - 1)
  }

  u16(): number {
    this.#at += 2
    return this.#view.getUint16(this.#at - 2, true)
  }

  u32(): number {
    this.#at += 4
    return this.#view.getUint32(this.#at - 4, true)
  }

  f64(): number {
    this.#at += 8
    return this.#view.getFloat64(this.#at - 8, true)
  }

  optional(read: () => number): number | null {
    return this.u8() === 0 ? null : read()
  }

  hex(): string {
    return Buffer.from(this.bytes(this.u8())).toString('hex')
  }

  bytes(length: number): Uint8Array {
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  list16(): Uint16Array {
    const values = new Uint16Array(this.u16())
    for (let i = 0; i < values.length; i++) values[i] = this.u16()
    return values
  }

  list32(): Uint32Array {
    const values = new Uint32Array(this.u16())
    for (let i = 0; i < values.length; i++) values[i] = this.u32()
    return values
  }
}
