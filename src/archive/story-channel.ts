/** Tells listeners, on commit, that feeds have something new to show. */
export const storyChannel = 'newsfold_story'
