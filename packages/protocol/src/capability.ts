/** A subprotocol and its version, as named in Hello. The name has at most 8 bytes of ASCII. */
export interface Capability {
  readonly name: string
  readonly version: number
}

/** `eth/69` */
export function formatCapability(capability: Capability): string {
  return `${capability.name}/${capability.version}`
}
