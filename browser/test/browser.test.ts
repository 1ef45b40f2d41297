import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundlePackage, bundlePage } from '../src/bundle.ts'
import { chromiumArgs, findChromium } from '../src/chromium.ts'
import type { InPage } from '../src/page.ts'
import { type PageServer, servePage } from '../src/page-server.ts'

type WithPage = typeof globalThis & { ethwire: InPage }

const browserSafe = [
  '@ethwire/chain',
  '@ethwire/crypto',
  '@ethwire/discv4/packet',
  '@ethwire/ecies',
  '@ethwire/enr',
  '@ethwire/eth-peer/messages',
  '@ethwire/kbucket',
  '@ethwire/netutil',
  '@ethwire/protocol',
  '@ethwire/rlp-codec',
  '@ethwire/rlpx-frame',
]

describe('a bundle for browsers', () => {
  it.each(browserSafe)('has all of %s and nothing of Node', async (specifier) => {
    const { text, inputs } = await bundlePackage(specifier)
    expect(inputs.filter((input) => input.startsWith('node:') || input.includes('(disabled)'))).toEqual([])
    expect(inputs.some((input) => input.includes('/dist/'))).toBe(true)
    expect(/(?<![.\w$])(process\.|Buffer[.(]|require\(|setImmediate\().{0,40}/.exec(text)?.[0]).toBeUndefined()
  })

  it('is refused where Node is needed', async () => {
    await expect(bundlePackage('@ethwire/crypto-native')).rejects.toThrow(/Could not resolve/)
  })
})

describe('a page', () => {
  // One of each for all tests.
  let server: PageServer | undefined
  let browser: Browser | undefined
  let page: Page
  const problems: string[] = []
  const requests: string[] = []

  beforeAll(async () => {
    server = await servePage(await bundlePage())
    browser = await chromium.launch({ executablePath: findChromium(), args: chromiumArgs })
    page = await browser.newPage()
    page.on('pageerror', (error) => problems.push(error.message))
    page.on('request', (request) => requests.push(request.url()))
    await page.goto(server.url)
    await page.waitForFunction(() => 'ethwire' in globalThis)
  })

  afterAll(async () => {
    await browser?.close()
    await server?.[Symbol.asyncDispose]()
  })

  it('loads the packages without an error, from loopback alone', () => {
    expect(problems).toEqual([])
    const hosts = new Set(requests.map((url) => new URL(url).hostname))
    expect([...hosts]).toEqual(['127.0.0.1'])
  })

  it('completes an RLPx handshake between two state machines, and one frame goes each way', async () => {
    expect(await page.evaluate(() => (globalThis as WithPage).ethwire.rlpx())).toEqual({
      authenticated: true,
      sameKeys: true,
      atBob: `16: ${'hello bob '.repeat(20)}`,
      atAlice: '16: hello alice',
    })
  })

  it('reads the node record of EIP-778', async () => {
    const text =
      'enr:-IS4QHCYrYZbAKWCBRlAy5zzaDZXJBGkcnh4MHcBFZntXNFrdvJjX04jRzjzCBOonrkTfj499SZuOh8R33Ls8RRcy5wBgmlkgnY0gmlwhH8AAAGJc2VjcDI1NmsxoQPKY0yuDUmstAHYpMa2_oxVtw0RW_QAdpzBQA8yWM0xOIN1ZHCCdl8'
    expect(await page.evaluate((record) => (globalThis as WithPage).ethwire.readRecord(record), text)).toEqual({
      nodeId: 'a448f24c6d18e575453db13171562b71999873db5b286df957af199ec94617f7',
      ip: '127.0.0.1',
      udp: 30303,
    })
  })

  it('reads a ping of EIP-8', async () => {
    const ping =
      'e9614ccfd9fc3e74360018522d30e1419a143407ffcce748de3e22116b7e8dc92ff74788c0b6663aaa3d67d641936511c8f8d6ad8698b820a7cf9e1be7155e9a241f556658c55428ec0563514365799a4be2be5a685a80971ddcfa80cb422cdd0101ec04cb847f000001820cfa8215a8d790000000000000000000000000000000018208ae820d058443b9a3550102'
    expect(await page.evaluate((text) => (globalThis as WithPage).ethwire.readPacket(text), ping)).toEqual({
      type: 'ping',
      signer:
        'ca634cae0d49acb401d8a4c6b6fe8c55b70d115bf400769cc1400f3258cd31387574077f301b421bc84df7266c44e9e6d569fc56be00812904767bf5ccd1fc7f',
    })
  })

  it('computes the genesis of a public network, and the fork ID of EIP-2124', async () => {
    const hash = 'bbe312868b376a3001692a646dd2d7d1e4406380dfd86b98aa8a34d1557c971b'
    expect(await page.evaluate(() => (globalThis as WithPage).ethwire.chain())).toEqual({
      genesis: hash,
      genesisByHeader: hash,
      gasLimit: '36000000',
      forkId: 'b715077d',
    })
  })

  it('writes and reads a message of eth', async () => {
    expect(await page.evaluate(() => (globalThis as WithPage).ethwire.ethMessage())).toEqual({
      name: 'GetBlockHeaders',
      start: '17',
      count: '192',
    })
  })

  it('passes every case that a crypto backend must pass', async () => {
    const { cases, failed } = await page.evaluate(() => (globalThis as WithPage).ethwire.conformance())
    expect(failed).toEqual([])
    expect(cases).toBeGreaterThan(20)
  })
})
