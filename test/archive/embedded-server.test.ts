import { execFileSync, fork, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { platform, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { disownPostmasterFile, isAlive, readPostmasterFile } from '../../src/archive/embedded/postmaster-file.ts'
import { openEmbeddedServer, type EmbeddedServer } from '../../src/archive/embedded/server.ts'
import { runSql } from '../a-database.ts'
import { silent } from '../silent.ts'

// A hang guard: a busy machine takes its time to start a server.
vi.setConfig({ testTimeout: 60_000 })

const folders: string[] = []
const children: ChildProcess[] = []

function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'newsfold-embedded-'))
  folders.push(folder)
  return folder
}

const template = mkdtempSync(join(tmpdir(), 'newsfold-template-'))
beforeAll(async () => {
  const server = await openEmbeddedServer(template, silent)
  await server.stop()
})
afterAll(() => rmSync(template, { recursive: true, force: true }))

/** A folder that has had a server: a copy, since making one takes a busy machine seconds. */
function aUsedFolder(): string {
  const folder = aFolder()
  execFileSync('cp', ['-a', join(template, 'postgres'), folder])
  return folder
}

const postmasterOf = (folder: string) => readPostmasterFile(join(folder, 'postgres', 'data'))
const answers = async (server: Pick<EmbeddedServer, 'connectionString'>) =>
  (await runSql(server.connectionString, 'select 1 as one')).length === 1

/** One of the server's own processes. */
async function checkpointerOf({ connectionString }: Pick<EmbeddedServer, 'connectionString'>): Promise<number> {
  const query = `select pid from pg_stat_activity where backend_type = 'checkpointer'`
  return Number((await runSql(connectionString, query))[0]?.['pid'])
}

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  for (const folder of folders.splice(0)) {
    const file = postmasterOf(folder)
    if (file && isAlive(file.pid)) process.kill(file.pid, 'SIGQUIT')
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  }
})

const heldSchema = z.object({ connectionString: z.string(), isStartedHere: z.boolean() })

/** Another process that has the folder's server open. */
async function hold(folder: string, user: { uid?: number; gid?: number } = {}) {
  const child = fork('test/archive/hold-server.ts', [folder], {
    ...user,
    execArgv: ['--import', 'tsx'],
    stdio: 'inherit',
  })
  children.push(child)
  const [message] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error('The other process ended before it had the server'))),
  ])
  return { child, ...heldSchema.parse(message) }
}

async function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  const exited = once(child, 'exit')
  child.kill(signal)
  await exited
}

test('a server starts in a new folder, listens on 127.0.0.1 alone, asks for its password, and is gone after stop', async () => {
  const folder = aFolder()
  const server = await openEmbeddedServer(folder, silent)
  const url = new URL(server.connectionString)
  expect([server.isStartedHere, url.hostname]).toEqual([true, '127.0.0.1'])
  expect(await runSql(url.href, 'show listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }])
  expect(await runSql(url.href, 'show fsync')).toEqual([{ fsync: 'on' }])
  url.password = 'guessed'
  await expect(runSql(url.href, 'select 1')).rejects.toThrow('password authentication failed')
  const pid = postmasterOf(folder)?.pid ?? 0
  expect(isAlive(pid)).toBe(true)
  await server.stop()
  expect(isAlive(pid)).toBe(false)
})

test('what was written is there after a stop and a start, at the same port', async () => {
  const folder = aUsedFolder()
  const first = await openEmbeddedServer(folder, silent)
  await runSql(first.connectionString, 'create table kept as select 7 as seven')
  await first.stop()
  const second = await openEmbeddedServer(folder, silent)
  expect(second.connectionString).toBe(first.connectionString)
  expect(await runSql(second.connectionString, 'select * from kept')).toEqual([{ seven: 7 }])
  await second.stop()
})

test('it starts inside a folder whose parent nobody else may enter', async () => {
  const parent = aFolder()
  const folder = join(parent, 'a folder with spaces', 'data')
  mkdirSync(folder, { recursive: true })
  chmodSync(parent, 0o700)
  const server = await openEmbeddedServer(folder, silent)
  expect(await answers(server)).toBe(true)
  await server.stop()
  expect(postmasterOf(folder)).toBeNull()
})

test('the server of a killed process is used on, and stopped by the one that came after', async () => {
  const folder = aUsedFolder()
  const killed = await hold(folder)
  expect(killed.isStartedHere).toBe(true)
  await end(killed.child, 'SIGKILL')
  const pid = postmasterOf(folder)?.pid ?? 0
  expect(isAlive(pid)).toBe(true)
  const server = await openEmbeddedServer(folder, silent)
  expect(server.isStartedHere).toBe(false)
  expect(server.connectionString).toBe(killed.connectionString)
  await server.stop()
  expect(isAlive(pid)).toBe(false)
})

test('two processes that open one new folder at the same moment share one server', async () => {
  const folder = aFolder()
  const [one, two] = await Promise.all([hold(folder), hold(folder)])
  expect(one.connectionString).toBe(two.connectionString)
  expect(await answers(one)).toBe(true)
})

test('a stop leaves the server to those who are connected, and the last one out stops it', async () => {
  const folder = aUsedFolder()
  const server = await openEmbeddedServer(folder, silent)
  const pid = postmasterOf(folder)?.pid ?? 0
  const other = await openEmbeddedServer(folder, silent)
  const connected = new Client({ connectionString: server.connectionString })
  await connected.connect()
  await other.stop()
  expect(isAlive(pid)).toBe(true)
  await connected.end()
  await server.stop()
  expect(isAlive(pid)).toBe(false)
})

test('a server that cannot end by itself is ended, and has what was written when it starts again', async () => {
  const folder = aUsedFolder()
  const first = await openEmbeddedServer(folder, silent)
  await runSql(first.connectionString, 'create table kept as select 7 as seven')
  const pid = postmasterOf(folder)?.pid ?? 0
  process.kill(await checkpointerOf(first), 'SIGSTOP')
  await first.stop(1000)
  // PostgreSQL itself kills what does not heed its immediate shutdown for 5 s.
  await expect.poll(() => isAlive(pid), { timeout: 30_000 }).toBe(false)
  const second = await openEmbeddedServer(folder, silent)
  expect(await runSql(second.connectionString, 'select * from kept')).toEqual([{ seven: 7 }])
  await second.stop()
}, 90_000)

test('a server that recovers from a crash is stopped when it has recovered', async () => {
  const folder = aUsedFolder()
  const server = await openEmbeddedServer(folder, silent)
  const pid = postmasterOf(folder)?.pid ?? 0
  process.kill(await checkpointerOf(server), 'SIGKILL')
  // From now on it ends its other processes, and answers nobody before it has read its log.
  await expect.poll(() => answers(server).catch(() => false), { interval: 1 }).toBe(false)
  await server.stop()
  expect(isAlive(pid)).toBe(false)
})

test('a server whose recovery takes too long is ended, and recovers at its next start', async () => {
  const folder = aUsedFolder()
  const server = await openEmbeddedServer(folder, silent)
  await runSql(server.connectionString, 'create table kept as select generate_series(1, 2000000) as number')
  server.watch()
  const before = postmasterOf(folder)?.pid ?? 0
  process.kill(before, 'SIGKILL')
  await expect.poll(() => postmasterOf(folder)?.pid ?? before, { interval: 1, timeout: 15_000 }).not.toBe(before)
  await server.stop(600)
  const pid = postmasterOf(folder)?.pid
  await expect.poll(() => pid !== undefined && isAlive(pid)).toBe(false)
  const again = await openEmbeddedServer(folder, silent)
  expect(await runSql(again.connectionString, 'select count(*)::int as count from kept')).toEqual([
    { count: 2_000_000 },
  ])
  await again.stop()
})

test('when all processes of a folder end at the same moment, the server ends too', async () => {
  const folder = aUsedFolder()
  for (let round = 0; round < 3; round++) {
    const server = await openEmbeddedServer(folder, silent)
    const others = await Promise.all([openEmbeddedServer(folder, silent), openEmbeddedServer(folder, silent)])
    const pid = postmasterOf(folder)?.pid ?? 0
    await Promise.all([server, ...others].map((each) => each.stop()))
    expect(isAlive(pid)).toBe(false)
  }
})

test('a killed server is started again at the same address while a process watches it', async () => {
  const folder = aUsedFolder()
  const server = await openEmbeddedServer(folder, silent)
  await runSql(server.connectionString, 'create table kept as select 7 as seven')
  server.watch()
  const before = postmasterOf(folder)?.pid ?? 0
  process.kill(before, 'SIGKILL')
  await expect
    .poll(() => runSql(server.connectionString, 'select * from kept').catch(() => []), { timeout: 15_000 })
    .toEqual([{ seven: 7 }])
  expect(postmasterOf(folder)?.pid).not.toBe(before)
  await server.stop()
  expect(postmasterOf(folder)).toBeNull()
})

/** Puts another number into the pid file of a server that was stopped. */
async function aLeftOverFile(pid: number): Promise<string> {
  const folder = aUsedFolder()
  const server = await openEmbeddedServer(folder, silent)
  const file = join(folder, 'postgres', 'data', 'postmaster.pid')
  const lines = readFileSync(file, 'utf8').split('\n')
  await server.stop()
  writeFileSync(file, [String(pid), ...lines.slice(1)].join('\n'))
  return folder
}

async function aChildOfTheServersUser(folder: string, program: string, args: string[]): Promise<number> {
  // PostgreSQL takes no offence at processes of other users.
  const { uid, gid } = statSync(join(folder, 'postgres', 'data'))
  const child = spawn(program, args, { uid, gid, cwd: '/', stdio: 'ignore' })
  children.push(child)
  await once(child, 'spawn')
  return child.pid ?? 0
}

test('a pid file that names a dead process does not keep the server from starting', async () => {
  const child = spawn(process.execPath, ['-e', ''])
  await once(child, 'exit')
  const server = await openEmbeddedServer(await aLeftOverFile(child.pid ?? 0), silent)
  expect(await answers(server)).toBe(true)
  await server.stop()
})

test('a pid file that names a living process of another kind does not keep the server from starting', async () => {
  const folder = await aLeftOverFile(1)
  const pid = await aChildOfTheServersUser(folder, process.execPath, ['-e', 'setInterval(() => 0, 1000) // postgres'])
  const file = join(folder, 'postgres', 'data', 'postmaster.pid')
  writeFileSync(file, readFileSync(file, 'utf8').replace(/^\d+/, String(pid)))
  const server = await openEmbeddedServer(folder, silent)
  expect(await answers(server)).toBe(true)
  expect(isAlive(pid)).toBe(true)
  await server.stop()
})

test.skipIf(platform() !== 'linux')(
  'a killed server that nobody has cleared away yet does not keep the next from starting',
  async () => {
    const folder = await aLeftOverFile(1)
    const { uid, gid } = statSync(join(folder, 'postgres', 'data'))
    // Whoever comes after the shell never asks for the end of its child.
    const adopter = spawn('sh', ['-c', 'sleep 0.1 & echo $!; exec sleep 60'], { uid, gid, cwd: '/', stdio: 'pipe' })
    children.push(adopter)
    const [said] = z.tuple([z.instanceof(Buffer)]).parse(await once(adopter.stdout, 'data'))
    const pid = Number(said.toString())
    await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false)
    // It is still there for PostgreSQL.
    process.kill(pid, 0)
    const file = join(folder, 'postgres', 'data', 'postmaster.pid')
    const left = readFileSync(file, 'utf8').replace(/^\d+/, String(pid))
    writeFileSync(file, left)
    disownPostmasterFile(join(folder, 'postgres', 'data'))
    // Only the number of the process goes: PostgreSQL needs the rest to see children of the killed server.
    expect(readFileSync(file, 'utf8').split('\n').slice(1)).toEqual(left.split('\n').slice(1))
    writeFileSync(file, left)
    const server = await openEmbeddedServer(folder, silent)
    expect(await answers(server)).toBe(true)
    process.kill(pid, 0)
    await server.stop()
  },
)

test('a pid file that names the server of another folder does not keep the server from starting', async () => {
  const otherFolder = aUsedFolder()
  const other = await openEmbeddedServer(otherFolder, silent)
  const server = await openEmbeddedServer(await aLeftOverFile(postmasterOf(otherFolder)?.pid ?? 0), silent)
  expect(await answers(server)).toBe(true)
  expect(server.connectionString).not.toBe(other.connectionString)
  await server.stop()
  expect(await answers(other)).toBe(true)
  await other.stop()
})

test('a folder that cannot be written is said so, with what to do', async () => {
  const file = join(aFolder(), 'a-file')
  writeFileSync(file, '')
  await expect(openEmbeddedServer(join(file, 'data'), silent)).rejects.toMatchObject({
    code: 'archive.data-folder-unusable',
    message: expect.stringContaining('NEWSFOLD_DATA'),
  })
})
