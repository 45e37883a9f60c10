import type { Logger } from 'pino'
import { mailTarget, webhookTarget, type AlertTarget } from '../alert/alert-target.ts'
import { findTroubles, fullDisk } from '../alert/find-troubles.ts'
import { watchOver } from '../alert/watch-over.ts'
import { hostAndPort } from '../crawlers/address-guard.ts'
import { parseDuration } from '../model/duration.ts'
import { withoutSlash } from '../model/public-url.ts'
import type { RequestSender } from '../push/request-sender.ts'
import type { OpenQueues } from '../queue/queue-figures.ts'
import { freeBytesOf } from '../runtime/disk-space.ts'
import type { Settings } from '../runtime/settings.ts'
import type { SourceFolder } from '../runtime/source-folder.ts'
import type { OpenArchive } from './services.ts'
import { userAgent } from './version.ts'

/** Loaded when it is needed: readers of a program that starts do not wait for it. */
async function senderOf(settings: Settings): Promise<RequestSender> {
  const { createRequestSender } = await import('../push/request-sender.ts')
  const webhook = settings.NEWSFOLD_ALERT_WEBHOOK
  return createRequestSender({
    userAgent: userAgent(settings.NEWSFOLD_CONTACT),
    // The operator's own choice, often beside the program.
    allowPrivateHosts: webhook === null ? [] : [hostAndPort(new URL(webhook))],
    now: () => new Date(),
  })
}

/** Tells everybody who is told of trouble that this is a test. @returns why each did not take it; `null`: it did */
export async function testAlerts(settings: Settings): Promise<{ channel: string; reason: string | null }[]> {
  const sender = await senderOf(settings)
  const now = new Date()
  const never = { toldAt: null, toldSays: null, worseSince: null, overAt: null, isMuted: false }
  const test = { key: 'test', says: 'this is a test', since: now, ...never }
  try {
    const targets = targetsOf(settings, sender)
    return await Promise.all(targets.map(async ({ channel, tell }) => ({ channel, reason: await tell([test], []) })))
  } finally {
    await sender.close()
  }
}

function targetsOf(settings: Settings, sender: RequestSender): AlertTarget[] {
  const { NEWSFOLD_ALERT_WEBHOOK: webhook, NEWSFOLD_ALERT_SMTP_URL: smtpUrl } = settings
  const { NEWSFOLD_ALERT_MAIL_FROM: from, NEWSFOLD_ALERT_MAIL_TO: to, NEWSFOLD_PUBLIC_URL: url } = settings
  const publicUrl = url === null ? null : withoutSlash(url)
  return [
    ...(webhook === null ? [] : [webhookTarget(sender, webhook)]),
    ...(smtpUrl === null || from === null ? [] : [mailTarget({ smtpUrl, from, to, publicUrl })]),
  ]
}

/** Starts telling of trouble. @returns how to stop */
export function openAlerts(
  { settings, sources, log }: { readonly settings: Settings; readonly sources: SourceFolder; readonly log: Logger },
  { database, embedded }: OpenArchive,
  queues: OpenQueues,
  isMine: () => boolean,
): () => Promise<void> {
  const freeBytes = () => (embedded ? freeBytesOf(settings.NEWSFOLD_DATA) : null)
  const watching = senderOf(settings).then((sender) => {
    const stop = watchOver({
      database,
      targets: targetsOf(settings, sender),
      log,
      isMine,
      afterMs: parseDuration(settings.NEWSFOLD_ALERT_AFTER) ?? 0,
      findTroubles: (now) =>
        findTroubles({ database, ...queues, sources: sources.sources(), freeBytes: freeBytes() }, now),
      findFullDisk: () => fullDisk(freeBytes()),
    })
    return async (): Promise<void> => {
      stop()
      await sender.close()
    }
  })
  return async () => (await watching)()
}
