// The package's door to deduplication.
export { canonicalUrl } from './canonical-url.ts'
export { StoryIndex } from './story-index.ts'
export type { StoryArticle, StoryIndexOptions } from './story-index.ts'
