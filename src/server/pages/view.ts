import type { FeedDefinition } from '../../model/feed-definition.ts'
import type { Site } from '../feed-item.ts'

/** A format that readers may choose, as pages name it. */
export interface OfferedFormat {
  readonly extension: string
  readonly name: string
  readonly contentType: string
}

/** What every page knows. */
export interface View {
  readonly site: Site
  readonly feeds: readonly FeedDefinition[]
  readonly formats: readonly OfferedFormat[]
  /** The address of a path of this server, as the page has to write it: relative ones in an export. */
  link(path: string): string
  /** Whether something answers searches: files alone do not. */
  readonly canSearch: boolean
  /** Whether new stories are told to open pages: files alone do not. */
  readonly isLive?: boolean
  /** Months that have a page of all their stories, the latest first: `2019-11`. Only an export has them. */
  readonly months: readonly string[]
}
