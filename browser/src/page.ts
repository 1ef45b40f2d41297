// Runs in the page. What it finds out it gives to the test as plain values.
import { decodeHeader, forkId, genesisBlock, headerHash, hoodi, mainnet } from '@ethwire/chain'
import { pureCrypto } from '@ethwire/crypto'
import { cryptoConformance } from '@ethwire/crypto/conformance'
import { decodePacket } from '@ethwire/discv4/packet'
import { createInitiator, createRecipient } from '@ethwire/ecies'
import { ipEntry, parseRecord, udpEntry } from '@ethwire/enr'
import { ethVersions, messagesByCode } from '@ethwire/eth-peer/messages'
import { decode, encode, list, struct, u64, utf8 } from '@ethwire/rlp-codec'
import { createFrameDecoder, createFrameEncoder, type FrameSecrets, maxFrameBytes } from '@ethwire/rlpx-frame'

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
const newKey = (): Uint8Array => crypto.getRandomValues(new Uint8Array(32))

/** The handshake of RLPx with keys of the browser's randomness, its packets in pieces, as a network gives them. */
function shakeHands(): { alice: FrameSecrets; bob: FrameSecrets; authenticated: boolean } {
  const aliceKey = newKey()
  const bobKey = newKey()
  const initiator = createInitiator({ privateKey: aliceKey, remotePublicKey: pureCrypto.publicKey(bobKey) })
  const recipient = createRecipient({ privateKey: bobKey })

  const auth = initiator.start()
  if (recipient.push(auth.subarray(0, 100)).state !== 'more') throw new Error('done with half a packet')
  const atBob = recipient.push(auth.subarray(100))
  if (atBob.state !== 'done' || atBob.send === undefined) throw new Error('the recipient is not done')
  const atAlice = initiator.push(atBob.send)
  if (atAlice.state !== 'done') throw new Error('the initiator is not done')
  const authenticated =
    hex(atBob.remotePublicKey) === hex(pureCrypto.publicKey(aliceKey)) &&
    hex(atAlice.remotePublicKey) === hex(pureCrypto.publicKey(bobKey))
  return { alice: atAlice.secrets, bob: atBob.secrets, authenticated }
}

/** One message from `from` to `to`, with snappy, as text. */
function sendText(from: FrameSecrets, to: FrameSecrets, text: string): string {
  const encoder = createFrameEncoder({ secrets: from })
  const decoder = createFrameDecoder({ secrets: to, maxFrameBytes })
  encoder.enableSnappy()
  decoder.enableSnappy()
  const schema = struct({ since: u64, lines: list(utf8(280), 10) })
  decoder.push(encoder.encode(0x10, encode(schema, { since: 7n, lines: [text] })))
  const message = decoder.next()
  if (message?.kind !== 'message') throw new Error('no message came')
  return `${message.code}: ${decode(schema, message.payload).lines.join()}`
}

function rlpx(): { authenticated: boolean; sameKeys: boolean; atBob: string; atAlice: string } {
  const { alice, bob, authenticated } = shakeHands()
  return {
    authenticated,
    sameKeys: hex(alice.aesKey) === hex(bob.aesKey) && hex(alice.macKey) === hex(bob.macKey),
    atBob: sendText(alice, bob, 'hello bob '.repeat(20)),
    atAlice: sendText(bob, alice, 'hello alice'),
  }
}

function readRecord(text: string): { nodeId: string; ip: string | undefined; udp: number | undefined } {
  const record = parseRecord(text)
  const ip = record.get(ipEntry)
  return { nodeId: record.nodeIdHex, ip: ip && String(ip), udp: record.get(udpEntry) }
}

/** What is in a packet of discovery v4, given as hex. */
function readPacket(text: string): { type: string; signer: string } {
  const bytes = Uint8Array.from(text.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16))
  const { packet, publicKey } = decodePacket(bytes)
  return { type: packet.type, signer: hex(publicKey) }
}

function chain(): { genesis: string; genesisByHeader: string; gasLimit: string; forkId: string } {
  const genesis = genesisBlock(hoodi.genesis)
  const london = { number: 12_965_000n, timestamp: 1_628_166_822n }
  return {
    genesis: hex(genesis.hash),
    genesisByHeader: hex(headerHash(genesis.header)),
    gasLimit: String(decodeHeader(genesis.header).gasLimit),
    forkId: hex(forkId(mainnet.config, { hash: mainnet.genesisHash, timestamp: 0n }, london).hash),
  }
}

/** What a message of eth/70 is, by its code, after it was written and read. */
function ethMessage(): { name: string | undefined; start: string; count: string } {
  const entry = messagesByCode(ethVersions[70]).get(0x03)
  const { schema } = ethVersions[70].messages.GetBlockHeaders
  const query = { start: 17n, count: 192n, skip: 0n, reverse: false }
  const decoded = decode(schema, encode(schema, { requestId: 1n, query })).query
  return { name: entry?.name, start: String(decoded.start), count: String(decoded.count) }
}

/** The cases that the pure backend does not pass here. */
function conformance(): { cases: number; failed: string[] } {
  const cases = cryptoConformance(pureCrypto)
  const failed = cases.flatMap(({ name, run }) => {
    try {
      run()
      return []
    } catch (error) {
      return [`${name}: ${error}`]
    }
  })
  return { cases: cases.length, failed }
}

const inPage = { rlpx, readRecord, readPacket, chain, ethMessage, conformance }
export type InPage = typeof inPage
Object.assign(globalThis, { ethwire: inPage })
