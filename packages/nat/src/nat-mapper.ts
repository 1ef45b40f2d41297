/** A port of the outside that leads to one of this machine. */
export interface PortMapping {
  readonly protocol: 'tcp' | 'udp'
  /** As wished for; the gateway may give another. */
  readonly externalPort: number
  readonly internalPort: number
}

/** A port mapping to ask for. */
export interface PortMappingRequest extends PortMapping {
  /** What a gateway that lists its mappings shows. */
  readonly description: string
  /** The gateway forgets the mapping after that, unless it is asked for again. */
  readonly lifetimeMs: number
}

/**
 * Somebody who knows the address that the rest of the network sees us by, and can have ports of it lead here. Whoever has
 * no mapper (`none`) announces what others say of him.
 */
export interface NatMapper {
  /** As in geth's `--nat`, for logs: `extip:192.0.2.1`. */
  readonly name: string
  /** The address of the outside, in canonical text form. Rejects when it cannot be found out, and on abort. */
  externalIp(options?: { readonly signal?: AbortSignal }): Promise<string>
  /** Asks for a mapping, or for more time of one. Gives the external port, which may be another than was wished for. */
  addMapping(mapping: PortMappingRequest, options?: { readonly signal?: AbortSignal }): Promise<number>
  deleteMapping(mapping: PortMapping, options?: { readonly signal?: AbortSignal }): Promise<void>
}
