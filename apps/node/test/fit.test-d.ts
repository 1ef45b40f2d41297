import type { ChainStore } from '@ethwire/chain-store'
import { type Discv4, discv4 } from '@ethwire/discv4'
import type { NodeAddress, NodeRecord } from '@ethwire/enr'
import type { ChainWriter } from '@ethwire/eth-manager'
import type { ChainReader } from '@ethwire/eth-peer'
import type { Logger } from '@ethwire/io'
import type { NatMapper } from '@ethwire/nat'
import type { Netlist } from '@ethwire/netutil'
import type { createNodeDatabase } from '@ethwire/nodedb'
import type { Discovery, DiscoveryFactory, NodeDatabase, P2pServer, P2pServerOptions } from '@ethwire/p2p-server'
import type { Logger as PinoLogger } from 'pino'
import { expectTypeOf, test } from 'vitest'
import type { CrawlDiscovery } from '../src/crawl/crawler.ts'
import type { AdminServer } from '../src/rpc/admin.ts'
import type { RpcDiscovery } from '../src/rpc/discv4.ts'

test('the chain store is what the synchroniser writes to and what peers are served from', () => {
  expectTypeOf<ChainStore>().toExtend<ChainWriter>()
  expectTypeOf<ChainStore>().toExtend<ChainReader>()
})

test('the server is what the admin namespace asks, and pino is a logger', () => {
  expectTypeOf<P2pServer>().toExtend<AdminServer>()
  expectTypeOf<PinoLogger<never>>().toExtend<Logger>()
})

test('discovery v4 is a discovery protocol of the server, and a source of nodes', () => {
  expectTypeOf(discv4({ bootnodes: [] })).toExtend<DiscoveryFactory>()
  expectTypeOf<Discv4>().toExtend<Discovery>()
})

test('discovery v4 is what a crawl asks, and the discv4 namespace', () => {
  expectTypeOf<Discv4>().toExtend<CrawlDiscovery>()
  expectTypeOf<Discv4>().toExtend<RpcDiscovery>()
})

test('the server takes node database, netlist, NAT mapper and sources as they are', () => {
  expectTypeOf<Awaited<ReturnType<typeof createNodeDatabase>>>().toExtend<NodeDatabase>()
  expectTypeOf<ReturnType<typeof createNodeDatabase>>().toExtend<P2pServerOptions['nodeDatabase']>()
  expectTypeOf<Netlist>().toExtend<P2pServerOptions['netRestrict']>()
  expectTypeOf<NatMapper>().toExtend<P2pServerOptions['nat']>()
  expectTypeOf<[AsyncIterable<NodeRecord>, AsyncIterable<NodeAddress>, Discv4]>().toExtend<
    P2pServerOptions['sources']
  >()
})
