import type { Capability, Protocol } from '@ethwire/protocol'
import { BASE_PROTOCOL_LENGTH } from './base-protocol.ts'

/** A subprotocol that both sides speak, and where its message codes are. */
export interface SharedProtocol {
  readonly protocol: Protocol
  readonly version: number
  /** Its first message code on the wire. */
  readonly offset: number
  readonly length: number
}

/** What a server offers in Hello: each version of each protocol, sorted by name, then version. */
export function offeredCapabilities(protocols: readonly Protocol[]): Capability[] {
  return protocols
    .flatMap(({ name, versions }) => Object.keys(versions).map((version) => ({ name, version: Number(version) })))
    .sort(compareCapabilities)
}

/**
 * The subprotocols two nodes share: of each name the highest version that both have, sorted by name, their codes one
 * after the other from 16 on (RLPx, "Capability Messaging"). What only one side has is ignored.
 */
export function sharedProtocols(protocols: readonly Protocol[], remote: readonly Capability[]): SharedProtocol[] {
  const shared: SharedProtocol[] = []
  let offset = BASE_PROTOCOL_LENGTH
  for (const protocol of [...protocols].sort((a, b) => compareText(a.name, b.name))) {
    let version: number | undefined
    for (const offered of remote) {
      if (offered.name !== protocol.name || protocol.versions[offered.version] === undefined) continue
      if (version === undefined || offered.version > version) version = offered.version
    }
    const length = version === undefined ? undefined : protocol.versions[version]?.length
    if (version === undefined || length === undefined) continue
    shared.push({ protocol, version, offset, length })
    offset += length
  }
  return shared
}

function compareCapabilities(a: Capability, b: Capability): number {
  return compareText(a.name, b.name) || a.version - b.version
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
