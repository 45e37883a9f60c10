import { buffer } from 'node:stream/consumers'
import type { Command } from 'commander'
import { readArticle } from '../../article/read-article.ts'
import { ConfigurationError } from '../../model/errors.ts'

/** `newsfold extract`: a page on standard input, its article on standard output. */
export function addExtract(program: Command): void {
  program
    .command('extract')
    .description('read the article of a page given on standard input, as JSON')
    .option('--url <address>', 'where the page came from, for links and times', 'about:blank')
    .option('--content-type <value>', 'the Content-Type header that came with it')
    .option('--zone <name>', 'IANA time zone of times that state none')
    .option('--html', 'print the body as HTML instead')
    .action(async (options: { url: string; contentType?: string; zone?: string; html?: boolean }) => {
      if (process.stdin.isTTY) {
        throw new ConfigurationError(
          'extract.no-input',
          'Expected a page on standard input: newsfold extract --url https://… < page.html',
        )
      }
      const article = readArticle({
        body: await buffer(process.stdin),
        url: options.url,
        contentType: options.contentType ?? null,
        ...(options.zone ? { timeZone: options.zone } : {}),
      })
      process.stdout.write(options.html ? `${article.bodyHtml}\n` : `${JSON.stringify(article, null, 2)}\n`)
    })
}
