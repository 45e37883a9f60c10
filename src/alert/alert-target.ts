import type { AlertRecord } from '../archive/alerts.ts'
import { describeError } from '../model/errors.ts'
import type { RequestSender } from '../push/request-sender.ts'
import { describeSent, isTaken } from '../push/sent.ts'
import { alertMail } from './alert-mail.ts'
import { alertMessage } from './alert-message.ts'

/** Somebody who is told of trouble and of its end. */
export interface AlertTarget {
  readonly channel: 'webhook' | 'mail'
  /** @returns why it was not taken, in one line; `null`: it was */
  readonly tell: (begun: readonly AlertRecord[], over: readonly AlertRecord[]) => Promise<string | null>
}

/** A JSON object with a "text", as chat services take it. */
export function webhookTarget(sender: RequestSender, url: string): AlertTarget {
  return {
    channel: 'webhook',
    tell: async (begun, over) => {
      const sent = await sender.send({
        method: 'POST',
        url,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(alertMessage(begun, over)),
      })
      return isTaken(sent) ? null : describeSent(sent)
    },
  }
}

export interface MailSettings {
  /** `smtp://user:password@mail.example.org:587`, `smtps:` for TLS from the beginning. */
  readonly smtpUrl: string
  readonly from: string
  readonly to: readonly string[]
  /** Where the operator's pages are; `null`: unknown. */
  readonly publicUrl: string | null
}

/** For each step of the talk with a mail server; what is silent for longer is told again a minute later. */
const silenceMs = 10_000

/** Plain text by SMTP. A connection each time: there is a mail a week, and none when all is well. */
export function mailTarget({ smtpUrl, from, to, publicUrl }: MailSettings): AlertTarget {
  return {
    channel: 'mail',
    tell: async (begun, over) => {
      const { createTransport } = await import('nodemailer')
      const transport = createTransport({
        url: smtpUrl,
        connectionTimeout: silenceMs,
        greetingTimeout: silenceMs,
        socketTimeout: silenceMs,
        dnsTimeout: silenceMs,
        disableFileAccess: true,
        disableUrlAccess: true,
      })
      try {
        await transport.sendMail({ from, to: [...to], ...alertMail(begun, over, publicUrl) })
        return null
      } catch (error) {
        return describeError(error)
      } finally {
        transport.close()
      }
    },
  }
}
