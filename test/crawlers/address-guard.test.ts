import { describe, expect, test } from 'vitest'
import { checkedAddresses, isPublicAddress, parseHttpUrl } from '../../src/crawlers/address-guard.ts'

describe('addresses that are refused', () => {
  test.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '100.100.100.200',
    '127.0.0.1',
    '127.255.255.254',
    '168.63.129.16',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.192',
    '192.0.2.1',
    '192.88.99.1',
    '192.168.1.1',
    '198.18.0.1',
    '198.51.100.7',
    '203.0.113.9',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::127.0.0.1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '64:ff9b::10.0.0.1',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b::7f00:1',
    '64:ff9b:1::1',
    '100::1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::1',
    '3fff::1',
    '5f00::1',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    'not an address',
  ])('%s', (address) => {
    expect(isPublicAddress(address)).toBe(false)
  })
})

describe('addresses that are public', () => {
  test.each([
    '8.8.8.8',
    '100.63.255.255',
    '100.128.0.1',
    '172.15.255.255',
    '172.32.0.1',
    '198.17.255.255',
    '223.255.255.255',
    '2606:4700::1111',
    '240e::1',
    '64:ff9b::8.8.8.8',
    '64:ff9b::808:808',
  ])('%s', (address) => {
    expect(isPublicAddress(address)).toBe(true)
  })
})

describe('what is no address to fetch', () => {
  test.each([
    ['a file', 'file:///etc/passwd'],
    ['a script', 'javascript:alert(1)'],
    ['a relative path', '/news/1.html'],
    ['a user name', 'http://user@news.example/'],
    ['a password', 'https://user:secret@news.example/'],
    ['an endless path', `http://news.example/${'a'.repeat(5000)}`],
  ])('%s', (_what, address) => {
    expect(() => parseHttpUrl(address)).toThrow(expect.objectContaining({ code: 'http.bad-address', retry: 'never' }))
  })

  test('a password is not repeated by the error', () => {
    expect(() => parseHttpUrl('https://user:secret@news.example/')).toThrow(/^(?!.*secret)/)
  })
})

const resolveTo =
  (...addresses: string[]) =>
  () =>
    Promise.resolve(
      addresses.map((address) => ({ address, family: address.includes(':') ? (6 as const) : (4 as const) })),
    )

test('one private address among public ones is enough to refuse a name', async () => {
  const url = new URL('http://news.example/')
  await expect(checkedAddresses(url, [], resolveTo('8.8.8.8', '10.0.0.1'))).rejects.toMatchObject({
    code: 'http.refused-address',
    message: expect.stringContaining('10.0.0.1'),
  })
  expect(await checkedAddresses(url, [], resolveTo('8.8.8.8', '9.9.9.9'))).toHaveLength(2)
})

test.each([
  ['http://127.0.0.1/', '127.0.0.1:80', true],
  ['http://127.0.0.1:8080/', '127.0.0.1:8080', true],
  ['http://127.0.0.1:8080/', '127.0.0.1:8081', false],
  ['https://intranet.example/', 'Intranet.example:443', true],
  ['http://intranet.example/', 'intranet.example:443', false],
  ['http://sub.intranet.example/', 'intranet.example:80', false],
  ['http://[::1]:8080/', '[::1]:8080', true],
  ['http://[::1]:8080/', '::1:8080', true],
])('%s with %s allowed: %s', async (url, allowed, isAllowed) => {
  const answer = checkedAddresses(new URL(url), [allowed], resolveTo('10.0.0.1')).then(
    () => true,
    () => false,
  )
  expect(await answer).toBe(isAllowed)
})

const failing = () => Promise.reject(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }))

test('a name without addresses is a host that cannot be reached, worth another try', async () => {
  for (const resolveHost of [failing, resolveTo()]) {
    await expect(checkedAddresses(new URL('http://nowhere.example/'), [], resolveHost)).rejects.toMatchObject({
      code: 'http.dns',
      retry: 'later',
    })
  }
})
