import { hexToBytes } from '@noble/hashes/utils.js'
import { type ConformanceCase, expectBytes, filler } from './conformance-expect.ts'
import type { Crypto } from './types.ts'

const text = (value: string): Uint8Array => new TextEncoder().encode(value)

const emptyKeccak = 'c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470'
const abcKeccak = '4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45'

/** Keccak-256, sha-256, HMAC. */
export function hashCases(crypto: Crypto): ConformanceCase[] {
  return [
    {
      name: 'hashes with keccak-256 (the padding before SHA-3)',
      run() {
        expectBytes(crypto.keccak256(new Uint8Array(0)), emptyKeccak)
        expectBytes(crypto.keccak256(text('abc')), abcKeccak)
      },
    },
    {
      name: 'reads a running keccak-256 without ending it',
      run() {
        const running = crypto.createKeccak256()
        expectBytes(running.digest(), emptyKeccak)
        expectBytes(running.digest(), emptyKeccak)
        running.update(text('a')).update(new Uint8Array(0))
        running.digest()
        running.update(text('bc'))
        expectBytes(running.digest(), abcKeccak)
      },
    },
    {
      name: 'runs keccak-256 over any pieces, across its 136-byte blocks',
      run() {
        for (const piece of [1, 7, 135, 136, 137, 1000]) {
          const bytes = filler(1000)
          const running = crypto.createKeccak256()
          for (let start = 0; start < bytes.length; start += piece) {
            running.update(bytes.subarray(start, start + piece))
            running.digest()
          }
          expectBytes(running.digest(), 'e42debfb4cfcb75e0f79a4d867133afa8940f2cee14f96cb83192717203fd2d5')
        }
      },
    },
    {
      name: 'keeps what a digest gave when more follows',
      run() {
        const running = crypto.createKeccak256().update(text('abc'))
        const digest = running.digest()
        running.update(filler(500))
        running.digest()
        expectBytes(digest, abcKeccak)
      },
    },
    {
      name: 'hashes with sha-256 (FIPS 180-2, appendix B)',
      run: () =>
        expectBytes(crypto.sha256(text('abc')), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'),
    },
    {
      name: 'authenticates with HMAC-SHA-256 (RFC 4231, cases 1, 2 and 6)',
      run() {
        expectBytes(
          crypto.hmacSha256(new Uint8Array(20).fill(0x0b), text('Hi There')),
          'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
        )
        expectBytes(
          crypto.hmacSha256(text('Jefe'), text('what do ya want for nothing?')),
          '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
        )
        expectBytes(
          crypto.hmacSha256(
            new Uint8Array(131).fill(0xaa),
            text('Test Using Larger Than Block-Size Key - Hash Key First'),
          ),
          '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
        )
      },
    },
    {
      name: 'hashes views into larger buffers',
      run: () => expectBytes(crypto.keccak256(hexToBytes('0061626300').subarray(1, 4)), abcKeccak),
    },
  ]
}
