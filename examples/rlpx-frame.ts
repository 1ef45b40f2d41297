// Messages to frames and back, with the secrets that a handshake leaves; compressed after the first, as after hello.
import { createFrameDecoder, createFrameEncoder, type FrameSecrets, maxFrameBytes } from '@ethwire/rlpx-frame'

const key = (byte: number): Uint8Array => new Uint8Array(32).fill(byte)
const alice: FrameSecrets = { aesKey: key(1), macKey: key(2), egressMacSeed: key(3), ingressMacSeed: key(4) }
const bob: FrameSecrets = { ...alice, egressMacSeed: alice.ingressMacSeed, ingressMacSeed: alice.egressMacSeed }

const encoder = createFrameEncoder({ secrets: alice })
const hello = encoder.encode(0, Uint8Array.of(0xc0))
encoder.enableSnappy()
const message = encoder.encode(16, new Uint8Array(4096))

const decoder = createFrameDecoder({ secrets: bob, maxMessageBytes: (code) => (code < 16 ? 2048 : 10 << 20) })
for (const chunk of [hello, message.subarray(0, 50), message.subarray(50)]) {
  decoder.push(chunk)
  for (let received = decoder.next(); received; received = decoder.next()) {
    if (received.kind === 'message') console.log(received.code, received.payload.length, 'in', received.wireBytes)
    if (received.code === 0) {
      decoder.enableSnappy()
      decoder.setMaxFrameBytes(maxFrameBytes)
    }
  }
}
