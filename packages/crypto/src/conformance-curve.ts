import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import {
  type ConformanceCase,
  expectBytes,
  expectCode,
  expectRangeError,
  expectThat,
  filler,
} from './conformance-expect.ts'
import type { Crypto } from './types.ts'

// SEC 2, section 2.4.1: the field's p, the group's order n, the generator.
const p = 'fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f'
const n = 'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141'
const gx = '79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798'
const gy = '483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8'
const minusGy = 'b7c52588d95c3b9aa25b0403f1eef75702e84bb7597aabe663b82f6f04ef2777'
const zero = '00'.repeat(32)
const one = hex(1n)

// go-ethereum crypto/signature_test.go: a transaction's hash, its signature and signer.
const hash = 'ce0677bb30baa8cf067c88db9811f4333d131bf8bcf12fe7065d211dce971008'
const signature =
  '90f27b8b488db00b00606796d2987f6a5f59ae62ea05effe84fef5b8b0e549984a691139ad57a3f0b906637673aa2f63d1f55cb1a69199d4009eea23ceaddc9301'
const signer =
  'e32df42865e97135acfb65f3bae71bdc86f4d49150ad6a440b6f15878109880a0a2b2667f7e725ceea70c673093bf67663e0312623c8e091b13cf2c0f11ef652'

const invalidPrivateKeys: Record<string, string> = {
  zero,
  n,
  'n + 1': hex(BigInt(`0x${n}`) + 1n),
  'all ones': 'ff'.repeat(32),
  '31 bytes': '01'.repeat(31),
  '33 bytes': '01'.repeat(33),
  nothing: '',
}

const invalidPublicKeys: Record<string, string> = {
  zero: zero + zero,
  'off the curve': gx + hex(BigInt(`0x${gy}`) + 1n),
  'on the twist': one + one,
  // x = p + 1 stands for x = 1, which is on the curve: only the range gives it away.
  'x at or above p': hex(BigInt(`0x${p}`) + 1n) + yOfOne(),
  'y at or above p': gx + hex(2n ** 256n - 1n),
  'x = p': p + gy,
  '63 bytes': (gx + gy).slice(2),
  '65 bytes': `04${gx}${gy}`,
  nothing: '',
}

/** Keys, points, ECDH, signatures. */
export function curveCases(crypto: Crypto): ConformanceCase[] {
  const generator = hexToBytes(gx + gy)
  const key = hexToBytes('b71c71a67e1177ad4e901695e1b4b9ee17ae16c6668d313eac2f96dbcda3f291')
  const cases: ConformanceCase[] = [
    {
      name: 'derives the public keys of the smallest and the largest private key',
      run() {
        expectBytes(crypto.publicKey(hexToBytes(one)), gx + gy)
        expectBytes(crypto.publicKey(hexToBytes(hex(BigInt(`0x${n}`) - 1n))), gx + minusGy)
      },
    },
    {
      name: 'compresses and decompresses points of either parity',
      run() {
        for (const [y, prefix] of [
          [gy, '02'],
          [minusGy, '03'],
        ]) {
          expectBytes(crypto.compressPublicKey(hexToBytes(gx + y)), `${prefix}${gx}`)
          expectBytes(crypto.decompressPublicKey(hexToBytes(`${prefix}${gx}`)), `${gx}${y}`)
        }
      },
    },
    {
      name: 'refuses compressed keys of a wrong prefix, length or coordinate',
      run() {
        // x = 5 is on no point of the curve.
        for (const bad of [
          `04${gx}`,
          `00${gx}`,
          `06${gx}`,
          `02${p}`,
          `02${hex(5n)}`,
          `02${'ff'.repeat(32)}`,
          gx,
          '02',
        ]) {
          expectCode('CRYPTO_PUBLIC_KEY', () => crypto.decompressPublicKey(hexToBytes(bad)))
        }
        expectCode('CRYPTO_PUBLIC_KEY', () => crypto.decompressPublicKey(hexToBytes(`04${gx}${gy}`)))
      },
    },
    {
      name: 'agrees on a shared point, compressed (discv5 test vectors, ECDH)',
      run() {
        const remote = crypto.decompressPublicKey(
          hexToBytes('039961e4c2356d61bedb83052c115d311acb3a96f5777296dcf297351130266231'),
        )
        const secret = hexToBytes('fb757dc581730490a1d7a00deea65e9b1936924caaea8f44d476014856b68736')
        expectBytes(crypto.ecdh(secret, remote), '033b11a2a1f214567e1537ce5e509ffd9b21373247f2a3ff6841f4976f53165e7e')
      },
    },
    {
      name: 'agrees on the same shared point from both sides, whatever its parity',
      run() {
        for (let index = 0; index < 4; index++) {
          const other = filler(33).subarray(1).slice()
          other[31] = index
          const shared = bytesToHex(crypto.ecdh(key, crypto.publicKey(other)))
          expectBytes(crypto.ecdh(other, crypto.publicKey(key)), shared)
        }
      },
    },
    {
      name: 'signs as RFC 6979 prescribes, with a low s',
      run() {
        // The Bitcoin wiki's vector: private key 1, sha-256 of "Satoshi Nakamoto".
        const message = crypto.sha256(new TextEncoder().encode('Satoshi Nakamoto'))
        const made = crypto.sign(message, hexToBytes(one))
        expectBytes(
          made.slice(0, 64),
          '934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d82442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5',
        )
        expectBytes(crypto.recover(message, made), gx + gy)
      },
    },
    {
      name: 'recovers the signer of an Ethereum transaction',
      run: () => expectBytes(crypto.recover(hexToBytes(hash), hexToBytes(signature)), signer),
    },
    {
      name: 'recovers from a signature with a high s, and does not verify it',
      run() {
        const high = hexToBytes(signature)
        const s = BigInt(`0x${bytesToHex(high.slice(32, 64))}`)
        high.set(hexToBytes(hex(BigInt(`0x${n}`) - s)), 32)
        high[64]! ^= 1
        expectBytes(crypto.recover(hexToBytes(hash), high), signer)
        expectThat(!crypto.verify(hexToBytes(hash), high.slice(0, 64), hexToBytes(signer)), 'a high s not to verify')
      },
    },
    {
      name: 'verifies its own signatures and no others',
      run() {
        const message = crypto.keccak256(filler(100))
        const made = crypto.sign(message, key)
        const publicKey = crypto.publicKey(key)
        expectThat(made.length === 65 && made[64]! < 4, 'r, s and a recovery id')
        expectThat(crypto.verify(message, made.slice(0, 64), publicKey), 'its own signature to verify')
        expectThat(!crypto.verify(message, made.slice(0, 64), generator), "another's key not to verify")
        expectThat(
          !crypto.verify(crypto.keccak256(message), made.slice(0, 64), publicKey),
          'another hash not to verify',
        )
        expectThat(!crypto.verify(message, made, publicKey), '65 bytes not to verify')
        expectThat(!crypto.verify(message, new Uint8Array(64), publicKey), 'zeros not to verify')
        expectThat(!crypto.verify(message, new Uint8Array(64).fill(255), publicKey), 'ones not to verify')
        expectThat(!crypto.verify(message, made.slice(0, 64), new Uint8Array(64)), 'no point not to verify')
      },
    },
    {
      name: 'gives one typed error for every impossible signature',
      run() {
        const good = hexToBytes(signature)
        const r = signature.slice(0, 64)
        const s = signature.slice(64, 128)
        const impossible = [
          zero + s, // r = 0
          r + zero, // s = 0
          n + s, // r = n
          r + n, // s = n
          'ff'.repeat(32) + s,
          r + 'ff'.repeat(32),
        ].map((rs) => hexToBytes(`${rs}00`))
        for (const recoveryId of [2, 3]) impossible.push(hexToBytes(`${signature.slice(0, 128)}0${recoveryId}`)) // r + n ≥ p
        for (const recoveryId of [4, 27, 255]) impossible.push(Uint8Array.of(...good.slice(0, 64), recoveryId))
        impossible.push(hexToBytes(`${hex(5n)}${s}00`)) // no point has this x
        impossible.push(good.slice(0, 64), Uint8Array.of(...good, 0), new Uint8Array(0))
        for (const bad of impossible) expectCode('CRYPTO_SIGNATURE', () => crypto.recover(hexToBytes(hash), bad))
      },
    },
    {
      name: 'takes hashes of 32 bytes only',
      run() {
        for (const length of [0, 31, 33]) {
          expectRangeError(() => crypto.sign(new Uint8Array(length), key))
          expectRangeError(() => crypto.recover(new Uint8Array(length), hexToBytes(signature)))
          expectRangeError(() => crypto.verify(new Uint8Array(length), new Uint8Array(64), generator))
        }
      },
    },
    {
      name: 'works on views into larger buffers and leaves its arguments alone',
      run() {
        const buffer = filler(300)
        buffer.set(key, 7)
        buffer.set(generator, 101)
        const before = bytesToHex(buffer)
        expectBytes(
          crypto.ecdh(buffer.subarray(7, 39), buffer.subarray(101, 165)),
          bytesToHex(crypto.compressPublicKey(crypto.publicKey(key))),
        )
        expectThat(bytesToHex(buffer) === before, 'the arguments unchanged')
      },
    },
  ]

  for (const [what, bad] of Object.entries(invalidPrivateKeys)) {
    cases.push({
      name: `refuses a private key: ${what}`,
      run() {
        const invalid = hexToBytes(bad)
        expectThat(!crypto.isPrivateKey(invalid), 'isPrivateKey to be false')
        expectCode('CRYPTO_PRIVATE_KEY', () => crypto.publicKey(invalid))
        expectCode('CRYPTO_PRIVATE_KEY', () => crypto.sign(hexToBytes(hash), invalid))
        expectCode('CRYPTO_PRIVATE_KEY', () => crypto.ecdh(invalid, generator))
      },
    })
  }
  for (const [what, bad] of Object.entries(invalidPublicKeys)) {
    cases.push({
      name: `refuses a public key: ${what}`,
      run() {
        const invalid = hexToBytes(bad)
        expectThat(!crypto.isPublicKey(invalid), 'isPublicKey to be false')
        expectCode('CRYPTO_PUBLIC_KEY', () => crypto.ecdh(key, invalid))
        expectCode('CRYPTO_PUBLIC_KEY', () => crypto.compressPublicKey(invalid))
      },
    })
  }
  cases.push({
    name: 'accepts good keys',
    run() {
      expectThat(crypto.isPrivateKey(key) && crypto.isPrivateKey(hexToBytes(one)), 'private keys to be accepted')
      expectThat(crypto.isPublicKey(generator) && crypto.isPublicKey(hexToBytes(signer)), 'public keys to be accepted')
    },
  })
  return cases
}

function hex(value: bigint): string {
  return value.toString(16).padStart(64, '0')
}

// y² = 1 + 7; a root of 8 modulo p, by the exponent (p + 1) / 4.
function yOfOne(): string {
  const modulus = BigInt(`0x${p}`)
  let [root, base, exponent] = [1n, 8n, (modulus + 1n) / 4n]
  for (; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) root = (root * base) % modulus
    base = (base * base) % modulus
  }
  return hex(root)
}
