import type { Source } from '../model/source.ts'

/** What everybody may see. */
export interface PublicSources {
  readonly sources: ReadonlyMap<string, Source>
  /**
   * Ids of the sources whose articles everybody may see; `null`: all that there are, also of sources that are no longer in
   * the configuration. Where one is private, what nobody says to be public is not: its file may be the one that is gone.
   */
  readonly visible: ReadonlySet<string> | null
}

export function publicSourcesOf(all: ReadonlyMap<string, Source>): PublicSources {
  const open = new Map([...all].filter(([, source]) => !source.private))
  return { sources: open, visible: open.size === all.size ? null : new Set(open.keys()) }
}
