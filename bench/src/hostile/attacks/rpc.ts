import { request } from 'node:http'
import type { Attack } from '../attack.ts'
import { addresses } from '../raw-peer.ts'
import { atRate } from './pace.ts'

const perSecond = 30

interface Kind {
  readonly name: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Every other status breaks the case. */
  readonly expected: readonly number[]
}

const json = { 'content-type': 'application/json' }
const call = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_blockNumber', params: [] })
const depth = 200_000

const kinds: readonly Kind[] = [
  { name: 'case 79: a foreign Host', headers: { ...json, host: 'evil.example' }, body: call, expected: [403] },
  { name: 'case 80: text/plain', headers: { 'content-type': 'text/plain' }, body: call, expected: [415] },
  { name: 'case 82: 6 MB', headers: json, body: `"${'a'.repeat(6_000_000)}"`, expected: [413] },
  { name: 'case 82: 10,000 calls', headers: json, body: `[${Array(10_000).fill(call).join()}]`, expected: [200, 400] },
  { name: 'case 82: deep JSON', headers: json, body: `${'['.repeat(depth)}${']'.repeat(depth)}`, expected: [400] },
  {
    name: 'case 82: a deep object',
    headers: json,
    body: `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`,
    expected: [400],
  },
]

/** Cases 79, 80 and 82: what a page or a stranger may send to the RPC port, thirty requests a second. */
export const rpc: Attack = async (target, signal) => {
  const { hostname, port } = new URL(target.rpcUrl)
  const ips = addresses(20)
  const did = { requests: 0, answers: 0, broken: 0 }
  const wrong = new Map<string, number>() // bounded: by the kinds
  await atRate(perSecond, signal, (index) => {
    const { name, headers, body, expected } = kinds[index % kinds.length]!
    const options = {
      method: 'POST',
      hostname,
      port,
      headers,
      localAddress: ips[index % ips.length] as string,
      agent: false,
    }
    did.requests++
    return new Promise((resolve) => {
      const sent = request(options, (response) => {
        did.answers++
        const { statusCode = 0 } = response
        if (!expected.includes(statusCode)) wrong.set(name, statusCode)
        response.resume().once('close', resolve)
      })
      sent.once('error', () => {
        did.broken++
        resolve()
      })
      sent.end(body)
    })
  })
  const which = wrong.size === 0 ? '' : `: ${[...wrong].map(([name, status]) => `${name} ${status}`).join(', ')}`
  return {
    did,
    claims: [
      {
        ...{ name: 'wrong-answers', ours: wrong.size, limit: 0, unit: 'kinds' },
        note: `of ${kinds.length} kinds of requests, those that had another status than they have to${which}`,
      },
    ],
  }
}
