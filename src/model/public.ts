// The package's door to the nouns: types and schemas that the other public modules speak of.
export type { AnnouncedEvent, Article, ArticleImage, Attachment, Dateline } from './article.ts'
export type { FeedDocument, FeedItem, FeedPages } from './feed-document.ts'
export type { ListingItem } from './listing-item.ts'
export type { PageSource } from './page.ts'
export type { ArticleRules, ListingRules, Source } from './source.ts'
export type { StatedSpan, StatedTime } from './time.ts'
export { sourceSchema } from './source.ts'
export { NewsfoldError } from './errors.ts'
