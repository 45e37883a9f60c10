import type { Publications, TopicContent } from './publications.ts'

/** The named feeds of a newsroom in their formats; at 125 kB each they take 12 MB. */
const mostKept = 100

/** Contents that were rendered a moment ago, so that a thousand subscribers of a topic cost one rendering. */
export interface TopicCache {
  /** The present content, rendered now. */
  read(topic: string): Promise<TopicContent | null>
  /** The content of this hash where it is at hand, else the present one. */
  find(topic: string, hash: string): Promise<TopicContent | null>
}

export function createTopicCache(publications: Publications): TopicCache {
  const kept = new Map<string, TopicContent>()
  const read = async (topic: string): Promise<TopicContent | null> => {
    const content = await publications.readTopic(topic)
    kept.delete(topic)
    if (content) kept.set(topic, content)
    for (const oldest of kept.keys()) {
      if (kept.size <= mostKept) break
      kept.delete(oldest)
    }
    return content
  }
  return {
    read,
    find: async (topic, hash) => {
      const content = kept.get(topic)
      return content?.hash === hash ? content : read(topic)
    },
  }
}
