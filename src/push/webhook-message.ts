import { createHmac } from 'node:crypto'
import { z } from 'zod'
import { writeJsonFeed } from '../feed/write/write-json-feed.ts'
import { plainText } from '../feed/plain-text.ts'
import type { FeedItem } from '../model/feed-document.ts'
import type { Webhook } from '../model/feed-definition.ts'
import { hubSignature } from './signature.ts'

/** A request as a webhook's receiver takes it. */
export interface WebhookMessage {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What a message says, in plain text. */
interface Notice {
  readonly title: string
  readonly summary: string
  readonly url: string
  readonly image: string | null
  readonly origin: string
}

interface MessageParts {
  readonly webhook: Webhook
  readonly item: FeedItem
  readonly notice: Notice
  readonly now: Date
}

/** Cards of chat services show about three lines. */
const summaryCharacters = 140

function cut(text: string, most: number): string {
  const characters = Array.from(text)
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`
}

/** WeCom counts bytes: 128 of a title and 512 of a description are shown. */
function cutBytes(text: string, most: number): string {
  let end = text
  while (Buffer.byteLength(end) > most) end = `${Array.from(end).slice(0, -2).join('')}…`
  return end
}

function noticeOf(item: FeedItem): Notice {
  const summary = plainText(item.summary ?? item.contentHtml ?? '')
  return {
    title: cut(plainText(item.title ?? '') || '(untitled)', 200),
    summary: cut(summary, summaryCharacters),
    url: item.url ?? item.id,
    image: item.images[0]?.url ?? null,
    origin: plainText(item.origin ?? ''),
  }
}

function posted(webhook: Webhook, value: unknown): WebhookMessage {
  return {
    url: webhook.url,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(value),
  }
}

const jsonFeedSchema = z.object({ items: z.array(z.record(z.string(), z.unknown())) })

/** One item as it stands in our JSON Feed, signed as WebSub signs content. */
function jsonMessage({ webhook, item }: MessageParts): WebhookMessage {
  const text = writeJsonFeed({
    title: null,
    description: null,
    homeUrl: null,
    selfUrl: null,
    hubUrl: null,
    language: null,
    updatedAt: null,
    ttlMinutes: null,
    items: [item],
  })
  const [written] = jsonFeedSchema.parse(JSON.parse(text)).items
  const message = posted(webhook, written)
  if (webhook.secret === undefined) return message
  const signature = { 'x-hub-signature-256': hubSignature(message.body, webhook.secret) }
  return { ...message, headers: { ...message.headers, ...signature } }
}

/** A custom bot of Feishu (Lark): `post` messages; the key of its signature is what is signed. */
function feishuMessage({ webhook, notice, now }: MessageParts): WebhookMessage {
  const timestamp = String(Math.floor(now.getTime() / 1000))
  const { secret } = webhook
  const signed = secret === undefined ? {} : { timestamp, sign: hmac(`${timestamp}\n${secret}`, '') }
  const lines = [
    ...(notice.summary === '' ? [] : [[{ tag: 'text', text: notice.summary }]]),
    [
      { tag: 'a', text: '查看原文', href: notice.url },
      { tag: 'text', text: notice.origin === '' ? '' : ` · ${notice.origin}` },
    ],
  ]
  return posted(webhook, {
    ...signed,
    msg_type: 'post',
    content: { post: { zh_cn: { title: notice.title, content: lines } } },
  })
}

function hmac(key: string, text: string): string {
  return createHmac('sha256', key).update(text).digest('base64')
}

/** A custom robot of DingTalk: `link` messages, whose texts are taken as they are; signed in the address. */
function dingtalkMessage({ webhook, notice, now }: MessageParts): WebhookMessage {
  const message = posted(webhook, {
    msgtype: 'link',
    link: {
      title: notice.title,
      text: notice.summary || notice.origin || notice.title,
      messageUrl: notice.url,
      ...(notice.image === null ? {} : { picUrl: notice.image }),
    },
  })
  if (webhook.secret === undefined) return message
  const timestamp = String(now.getTime())
  const url = new URL(webhook.url)
  url.searchParams.set('timestamp', timestamp)
  url.searchParams.set('sign', hmac(webhook.secret, `${timestamp}\n${webhook.secret}`))
  return { ...message, url: url.href }
}

/** A group robot of WeCom: `news` messages. It knows no signature: its address is the secret. */
function wecomMessage({ webhook, notice }: MessageParts): WebhookMessage {
  const article = {
    title: cutBytes(notice.title, 128),
    description: cutBytes(notice.summary, 512),
    url: notice.url,
    ...(notice.image === null ? {} : { picurl: notice.image }),
  }
  return posted(webhook, { msgtype: 'news', news: { articles: [article] } })
}

/** What Slack's markup takes for its own. */
function slackText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** An incoming webhook of Slack: one section. Its address is the secret. */
function slackMessage({ webhook, notice }: MessageParts): WebhookMessage {
  const address = notice.url.replaceAll('|', '%7C').replaceAll('>', '%3E').replaceAll('<', '%3C')
  // Within a link a bar would end the address, and a line the link.
  const link = `*<${address}|${slackText(notice.title).replaceAll(/[|\s]+/g, ' ')}>*`
  const text = [link, slackText(notice.summary), slackText(notice.origin)].filter((line) => line !== '').join('\n')
  return posted(webhook, {
    text: slackText(notice.title),
    blocks: [{ type: 'section', text: { type: 'mrkdwn', text } }],
    unfurl_links: false,
  })
}

const templates: Readonly<Record<Webhook['template'], (parts: MessageParts) => WebhookMessage>> = {
  json: jsonMessage,
  feishu: feishuMessage,
  dingtalk: dingtalkMessage,
  wecom: wecomMessage,
  slack: slackMessage,
}

/** An item as the message that a webhook's template names. @param now signed with it where the service asks for it */
export function webhookMessage(webhook: Webhook, item: FeedItem, now: Date): WebhookMessage {
  return templates[webhook.template]({ webhook, item, notice: noticeOf(item), now })
}

const refusalSchema = z.object({
  errcode: z.number().optional(),
  errmsg: z.string().optional(),
  code: z.number().optional(),
  msg: z.string().optional(),
})

/**
 * Why a chat service did not take a message that it answered with status 200: Feishu says so by `code`, DingTalk and
 * WeCom by `errcode`. `null` when it took it.
 */
export function refusalOf(webhook: Webhook, text: string): string | null {
  if (webhook.template === 'json' || webhook.template === 'slack') return null
  let answer: unknown
  try {
    answer = JSON.parse(text)
  } catch {
    return `expected JSON, got ${JSON.stringify(text.slice(0, 100))}`
  }
  const { data } = refusalSchema.safeParse(answer)
  const code = data?.errcode ?? data?.code ?? 0
  return code === 0 ? null : `refused with code ${code}: ${data?.errmsg ?? data?.msg ?? ''}`
}
