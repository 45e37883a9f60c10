/** Tells listeners, after the commit, that feeds have something new to show. */
export const storyChannel = 'newsfold_story'
/** Tells listeners that the log of stories is longer. */
export const storyLogChannel = 'newsfold_log'
/** Tells dispatchers that something is due that no story is the reason for. */
export const pushChannel = 'newsfold_push'
