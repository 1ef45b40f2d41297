// The example record of EIP-778, as in ethereum/devp2p `enr.md` at 51dc101, "Test Vectors".
export const eip778 = {
  text: 'enr:-IS4QHCYrYZbAKWCBRlAy5zzaDZXJBGkcnh4MHcBFZntXNFrdvJjX04jRzjzCBOonrkTfj499SZuOh8R33Ls8RRcy5wBgmlkgnY0gmlwhH8AAAGJc2VjcDI1NmsxoQPKY0yuDUmstAHYpMa2_oxVtw0RW_QAdpzBQA8yWM0xOIN1ZHCCdl8',
  nodeId: 'a448f24c6d18e575453db13171562b71999873db5b286df957af199ec94617f7',
  privateKey: 'b71c71a67e1177ad4e901695e1b4b9ee17ae16c6668d313eac2f96dbcda3f291',
  signature:
    '7098ad865b00a582051940cb9cf36836572411a47278783077011599ed5cd16b76f2635f4e234738f30813a89eb9137e3e3df5266e3a1f11df72ecf1145ccb9c',
  seq: 1n,
  secp256k1: '03ca634cae0d49acb401d8a4c6b6fe8c55b70d115bf400769cc1400f3258cd3138',
  ip: '127.0.0.1',
  udp: 30303,
} as const

// From go-ethereum v1.17.8, p2p/enode/urlv4_test.go: signed by geth with this key.
export const gethRecord = {
  text: 'enr:-IS4QGrdq0ugARp5T2BZ41TrZOqLc_oKvZoPuZP5--anqWE_J-Tucc1xgkOL7qXl0puJgT7qc2KSvcupc4NCb0nr4tdjgmlkgnY0gmlwhH8AAAGJc2VjcDI1NmsxoQM6UUF2Rm-oFe1IH_rQkRCi00T2ybeMHRSvw1HDpRvjPYN1ZHCCdl8',
  privateKey: '45a915e4d060149eb4365960e6a7a45f334393093061116b197e3240065ff2d8',
  seq: 99n,
  ip: '127.0.0.1',
  udp: 30303,
} as const

/** A public key of that same file. */
export const gethPublicKey: string =
  '1dd9d65c4552b5eb43d5ad55a2ee3f56c6cbc1c64a5c8d659f51fcd51bace24351232b8d7821617d2b29b54b81cdefb9b3e9c37d7fd5f63270bcc9e1a6f6a439'
