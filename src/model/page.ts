/** What a reader needs to know of a page: its bytes and where they came from. */
export interface PageSource {
  readonly body: Uint8Array
  /** Absolute address that the bytes came from, after redirects. */
  readonly url: string
  /** The `Content-Type` header as received; `null` or absent when there was none. */
  readonly contentType?: string | null
  /** When the page was fetched: the reference for times such as "3 hours ago". Absent: such times are not read. */
  readonly fetchedAt?: Date
  /** IANA zone of times that state none. Absent: Asia/Shanghai for Chinese pages, else UTC. */
  readonly timeZone?: string
}

/** One HTTP response as received. */
export interface Page {
  readonly requestedUrl: string
  readonly url: string
  readonly status: number
  readonly contentType: string | null
  readonly etag: string | null
  readonly lastModified: string | null
  readonly body: Uint8Array
  readonly fetchedAt: Date
  /** For how long its server says that it stays as it is (RFC 9111 §4.2.1), in milliseconds; `null`: it does not say. */
  readonly freshForMs?: number | null
}
