// Messages to frames and back, with the secrets that a handshake leaves.
import { createFrameDecoder, createFrameEncoder, type FrameSecrets } from '@ethwire/rlpx-frame'

const key = (byte: number): Uint8Array => new Uint8Array(32).fill(byte)
const alice: FrameSecrets = { aesKey: key(1), macKey: key(2), egressMacSeed: key(3), ingressMacSeed: key(4) }
const bob: FrameSecrets = { ...alice, egressMacSeed: alice.ingressMacSeed, ingressMacSeed: alice.egressMacSeed }

const encoder = createFrameEncoder({ secrets: alice })
const decoder = createFrameDecoder({ secrets: bob })

const frame = encoder.encode(2, Uint8Array.of(0xc0))
for (const byte of frame) decoder.push(Uint8Array.of(byte))
console.log(frame.length, 'bytes carry', decoder.next())
