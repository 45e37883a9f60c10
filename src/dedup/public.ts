// The package's door to deduplication.
export { canonicalUrl } from './canonical-url.ts'
export { plausibleCanonical } from './plausible-canonical.ts'
export { StoryIndex } from './story-index.ts'
export type { Reason, Verdict } from './compare.ts'
export type { Overlap } from './overlap.ts'
export type { StoryArticle, StoryIndexOptions } from './story-index.ts'
