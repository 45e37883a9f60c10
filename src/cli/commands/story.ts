import type { Command } from 'commander'
import type { Database } from '../../archive/database.ts'
import { findFingerprints } from '../../archive/fingerprints.ts'
import { findRevisions, findStory, type StoryRecord } from '../../archive/stories.ts'
import { mergeStories, splitStory, type EditOutcome } from '../../archive/story-edits.ts'
import { indexUnmadeStories } from '../../archive/story-search.ts'
import { diffTexts } from '../../dedup/text-diff.ts'
import { ConfigurationError } from '../../model/errors.ts'
import { explainPair } from '../../queue/place-in-story.ts'
import { searchTextOf } from '../../search/search-text.ts'
import { createContext } from '../context.ts'
import { openArchive } from '../services.ts'
import { formatTable } from '../table.ts'

const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/

/** Takes an id as feeds and pages show it: alone, as `urn:uuid:…`, or in an address. */
function idOf(text: string): string {
  const id = uuid.exec(text.toLowerCase())?.[0]
  if (id) return id
  throw new ConfigurationError(
    'story.no-id',
    `Expected the id of a story or article, as its page or guid shows it, got "${text}".`,
  )
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

async function withArchive(use: (database: Database) => Promise<void>): Promise<void> {
  const { settings, log } = createContext('error')
  const archive = await openArchive(settings, log)
  try {
    await use(archive.database)
  } finally {
    await archive.close()
  }
}

async function storyOf(database: Database, text: string): Promise<StoryRecord> {
  const story = await findStory(database, idOf(text))
  if (!story) throw new ConfigurationError('story.unknown', `There is no story ${idOf(text)} in this archive.`)
  return story
}

async function show(database: Database, text: string, flags: { json?: boolean; explain?: boolean }): Promise<void> {
  const story = await storyOf(database, text)
  if (flags.json) return print(JSON.stringify(story, null, 2))
  print(story.title)
  print(`story ${story.id}, first seen ${story.firstSeenAt.toISOString()}, revision ${story.revision}`)
  const rows = story.members.map((member) => [
    member.id === story.articleId ? '*' : '',
    member.id,
    member.sourceId,
    member.title,
  ])
  print(formatTable([{ name: '' }, { name: 'article' }, { name: 'source' }, { name: 'title' }], rows))
  if (!flags.explain) return
  for (const member of story.members.filter(({ id }) => id !== story.articleId)) {
    await explain(database, story.articleId, member.id)
  }
}

async function explain(database: Database, a: string, b: string): Promise<void> {
  const [first, second] = await findFingerprints(database, [idOf(a), idOf(b)])
  if (!first || !second)
    throw new ConfigurationError('story.unknown', 'Expected the ids of two different articles of this archive.')
  const verdict = await explainPair(database, first, second)
  if (!verdict)
    return print('Their fingerprints are of an older version; they are made anew when their pages are read again.')
  print(`${idOf(a)} and ${idOf(b)}: ${verdict.same ? 'the same news' : 'different news'} (${verdict.reason})`)
  for (const [name, value] of Object.entries(verdict.overlap)) print(`  ${name}: ${String(value)}`)
}

/** Added words in green and underlined, removed ones in red and struck; in brackets where there are no colours. */
function paint(kind: 'same' | 'added' | 'removed', text: string): string {
  if (kind === 'same') return text
  if (!process.stdout.isTTY) return kind === 'added' ? `{+${text}+}` : `[-${text}-]`
  return kind === 'added' ? `\u001B[4;32m${text}\u001B[0m` : `\u001B[9;31m${text}\u001B[0m`
}

async function diff(database: Database, text: string): Promise<void> {
  const story = await storyOf(database, text)
  const revisions = await findRevisions(database, story.articleId)
  if (revisions.length < 2) return print('It has had one text only.')
  for (const [index, after] of revisions.entries()) {
    const before = revisions[index - 1]
    if (!before) continue
    print(`— ${before.seenAt.toISOString()} → ${after.seenAt.toISOString()}`)
    const parts = diffTexts(
      `${before.title}\n${before.bodyText}`,
      `${after.title}\n${after.bodyText}`,
      story.language ?? 'zh',
    )
    print(parts.map((part) => paint(part.kind, part.text)).join(''))
  }
}

/** A lead article that speaks for another story now has to be found by its words there. */
async function finish(database: Database, outcome: EditOutcome): Promise<void> {
  if (outcome.kind === 'done') await indexUnmadeStories(database, searchTextOf)
  report(outcome)
}

function report(outcome: EditOutcome): void {
  if (outcome.kind === 'refused')
    throw new ConfigurationError('story.not-edited', `Nothing was changed: ${outcome.reason}.`)
  print(`story ${outcome.storyId}`)
}

/** `newsfold story …`: what a story is made of, what changed, and an operator's corrections. */
export function addStory(program: Command): void {
  const command = program.command('story').description('stories: their articles, their changes, joining and splitting')
  command
    .command('show')
    .argument('<story>', 'id, guid or address of a story')
    .option('--explain', 'say why its articles are one story')
    .option('--json', 'as JSON')
    .action((id: string, flags: { json?: boolean; explain?: boolean }) => withArchive((db) => show(db, id, flags)))
  command
    .command('diff')
    .description('what changed from revision to revision, word by word')
    .argument('<story>')
    .action((id: string) => withArchive((db) => diff(db, id)))
  command
    .command('explain')
    .description('why two articles are, or are not, one story')
    .argument('<article>')
    .argument('<other>')
    .action((a: string, b: string) => withArchive((db) => explain(db, a, b)))
  command
    .command('split')
    .description('take an article out of its story into one of its own')
    .argument('<article>')
    .action((id: string) => withArchive(async (db) => finish(db, await splitStory(db, idOf(id), new Date()))))
  command
    .command('merge')
    .description('join a story to another one')
    .argument('<story>', 'which ends')
    .argument('<into>', 'which stays')
    .action((from: string, into: string) =>
      withArchive(async (db) => finish(db, await mergeStories(db, idOf(from), idOf(into), new Date()))),
    )
}
