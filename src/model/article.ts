import type { StatedTime } from './time.ts'

/** A picture of an article. */
export interface ArticleImage {
  /** Absolute http(s) address. */
  readonly url: string
  readonly alt: string | null
  readonly caption: string | null
  /** Pixels, as the page states them. */
  readonly width: number | null
  readonly height: number | null
}

/** A file that an article offers for download. */
export interface Attachment {
  /** Absolute http(s) address. */
  readonly url: string
  readonly name: string
  /** Media type by the file's extension; `null` when the extension says nothing. */
  readonly mediaType: string | null
  /** Size in bytes, where it is known. */
  readonly bytes?: number | null
}

/** Where and when a report was filed: `新华社北京10月31日电`. */
export interface Dateline {
  readonly agency: string | null
  readonly place: string | null
  readonly date: StatedTime | null
}

/** Something that an announcement says will happen. */
export interface AnnouncedEvent {
  readonly title: string
  readonly start: StatedTime
  readonly end: StatedTime | null
  readonly place: string | null
}

/** What was read out of a page. `null` means: the publisher does not say. */
export interface Article {
  readonly url: string
  /** The page's own `rel=canonical`, absolute; to be believed only where `dedup` finds it plausible. */
  readonly canonicalUrl: string | null
  readonly title: string | null
  /** 引题: the line above a headline. */
  readonly kicker: string | null
  readonly subtitle: string | null
  readonly byline: string | null
  /** 来源: whose text it is, as the page says. */
  readonly origin: string | null
  /** 责任编辑. */
  readonly editor: string | null
  /** BCP 47: `zh`, `zh-Hant`, `en`. */
  readonly language: string | null
  readonly publishedAt: StatedTime | null
  readonly modifiedAt: StatedTime | null
  /** The publisher's own summary, else the lead paragraph. */
  readonly summary: string | null
  readonly dateline: Dateline | null
  /** Sanitised HTML of the body; every link and image absolute. */
  readonly bodyHtml: string
  /** The paragraphs of the body, joined by `\n`; none is empty or indented. */
  readonly bodyText: string
  readonly images: readonly ArticleImage[]
  readonly attachments: readonly Attachment[]
  readonly events: readonly AnnouncedEvent[]
  /** Address of the next page of a text that is split over several pages. */
  readonly nextPageUrl: string | null
  /** SHA-256 in hex of title and text, adverts and spacing aside: changes when the text does. */
  readonly contentHash: string
  /** 0 to 1: how sure the automatic reading is. */
  readonly confidence: number
  /** What an operator should know: a rule that matched nothing, a body that is suspiciously short. */
  readonly warnings: readonly string[]
}
