/** To whom deliveries go: WebSub subscribers, webhooks, hubs of others. */
export type DeliveryChannel = 'websub' | 'webhook' | 'hub'

/** Who they are in a few words: "3 to webhooks". */
export const receiversOf: Readonly<Record<DeliveryChannel, string>> = {
  websub: 'subscribers',
  webhook: 'webhooks',
  hub: 'hubs',
}
