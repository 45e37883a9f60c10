import { buffer } from 'node:stream/consumers'
import type { Command } from 'commander'
import { explainArticle, readArticle, type TraceEntry } from '../../article/read-article.ts'
import { ConfigurationError } from '../../model/errors.ts'
import { isTimeZone } from '../../model/time-zone.ts'
import { readSourceFiles } from '../../runtime/config-files.ts'
import { readSettings } from '../../runtime/settings.ts'
import { findSource } from '../find-source.ts'
import { formatTable } from '../table.ts'

interface ExtractFlags {
  readonly url: string
  readonly contentType?: string
  readonly zone?: string
  readonly source?: string
  readonly html?: boolean
  readonly explain?: boolean
}

function printTrace(trace: readonly TraceEntry[]): void {
  const rows = trace.map(({ step, detail }) => [step, detail.replaceAll('\n', ' ')])
  process.stdout.write(`${formatTable([{ name: 'step' }, { name: 'what and why' }], rows)}\n`)
}

async function extract(flags: ExtractFlags): Promise<void> {
  if (process.stdin.isTTY) {
    throw new ConfigurationError(
      'extract.no-input',
      'Expected a page on standard input: newsfold extract --url https://… < page.html',
    )
  }
  if (flags.zone !== undefined && !isTimeZone(flags.zone)) {
    throw new ConfigurationError('extract.zone', `Expected an IANA zone such as "Asia/Shanghai", got "${flags.zone}".`)
  }
  const source = flags.source
    ? findSource(readSourceFiles(readSettings(process.env).NEWSFOLD_CONFIG), flags.source)
    : null
  const timeZone = flags.zone ?? source?.timeZone
  const page = {
    body: await buffer(process.stdin),
    url: flags.url,
    contentType: flags.contentType ?? null,
    ...(timeZone ? { timeZone } : {}),
  }
  if (flags.explain) {
    printTrace(explainArticle(page, source?.rules).trace)
    return
  }
  const article = readArticle(page, source?.rules)
  process.stdout.write(flags.html ? `${article.bodyHtml}\n` : `${JSON.stringify(article, null, 2)}\n`)
}

/** `newsfold extract`: a page on standard input, its article on standard output. */
export function addExtract(program: Command): void {
  program
    .command('extract')
    .description('read the article of a page given on standard input, as JSON')
    .option('--url <address>', 'where the page came from, for links and times', 'about:blank')
    .option('--content-type <value>', 'the Content-Type header that came with it')
    .option('--zone <name>', 'IANA time zone of times that state none')
    .option('--source <id>', 'read it by the rules and in the zone of this source')
    .option('--html', 'print the body as HTML instead')
    .option('--explain', 'print which block was taken, what was removed and which witness gave each field')
    .action(extract)
}
