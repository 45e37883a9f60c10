import { createServer, type Socket } from 'node:net'
import { once } from 'node:events'

/** A mail as the server took it. */
export interface TakenMail {
  readonly from: string
  readonly to: readonly string[]
  readonly subject: string
  readonly contentType: string
  readonly text: string
}

export interface MailServer {
  readonly url: string
  readonly mails: readonly TakenMail[]
  /** What it answers to the end of a mail; `null`: nothing. */
  answer: string | null
  close(): Promise<void>
}

const taken = '250 taken'

function fromQuotedPrintable(text: string): Buffer {
  const joined = text.replaceAll(/=\r?\n/g, '')
  const bytes = joined.replaceAll(/=([0-9A-F]{2})/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  )
  return Buffer.from(bytes, 'latin1')
}

function decoded(text: string, encoding: string): string {
  if (encoding === 'base64') return Buffer.from(text, 'base64').toString()
  return encoding === 'quoted-printable' ? fromQuotedPrintable(text).toString() : text
}

/** RFC 2047: the words of a header that hold more than ASCII. */
function decodedWords(text: string): string {
  const joined = text.replaceAll(/\?=\s+=\?/g, '?==?')
  return joined.replaceAll(/=\?UTF-8\?([BQ])\?([^?]*)\?=/gi, (_, kind: string, word: string) =>
    decoded(
      kind.toUpperCase() === 'B' ? word : word.replaceAll('_', ' '),
      kind.toUpperCase() === 'B' ? 'base64' : 'quoted-printable',
    ),
  )
}

function readMail(from: string, to: readonly string[], data: string): TakenMail {
  const [head = '', ...rest] = data.split('\r\n\r\n')
  const lines = head.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n')
  const header = (name: string) =>
    lines.find((line) => line.toLowerCase().startsWith(`${name}: `))?.slice(name.length + 2) ?? ''
  const text = decoded(rest.join('\r\n\r\n'), header('content-transfer-encoding').toLowerCase())
  return {
    from,
    to,
    subject: decodedWords(header('subject')),
    contentType: header('content-type'),
    text: text.replaceAll('\r\n', '\n').trimEnd(),
  }
}

/** A server on loopback that speaks as much SMTP (RFC 5321) as a mail without attachments needs. */
export async function startMailServer(): Promise<MailServer> {
  const mails: TakenMail[] = []
  const sockets = new Set<Socket>()
  const state: { answer: string | null } = { answer: taken }

  const talk = (socket: Socket): void => {
    let from = ''
    let to: string[] = []
    let data: string[] | null = null
    let rest = ''
    const say = (line: string) => socket.write(`${line}\r\n`)
    const endMail = (lines: readonly string[]) => {
      if (state.answer === taken) mails.push(readMail(from, to, lines.join('\r\n')))
      if (state.answer !== null) say(state.answer)
    }
    const hear = (line: string): void => {
      if (data) {
        if (line !== '.') data.push(line.replace(/^\.\./, '.'))
        else {
          endMail(data)
          data = null
        }
        return
      }
      const [verb = '', address = ''] = line.split(/[ :]/, 1).concat(/<([^>]*)>/.exec(line)?.[1] ?? '')
      if (verb === 'MAIL') [from, to] = [address, []]
      if (verb === 'RCPT') to.push(address)
      if (verb === 'DATA') data = []
      if (verb === 'QUIT') socket.end('221 bye\r\n')
      else say(verb === 'DATA' ? '354 go on' : '250 well')
    }
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', (chunk) => {
      const lines = (rest + chunk.toString()).split('\r\n')
      rest = lines.pop() ?? ''
      for (const line of lines) hear(line)
    })
    say('220 mail.example')
  }

  const server = createServer(talk).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    get answer() {
      return state.answer
    },
    set answer(answer) {
      state.answer = answer
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
