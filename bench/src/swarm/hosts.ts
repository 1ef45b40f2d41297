import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { startEthwire } from '@ethwire/interop/ethwire-process'
import { sampleChain } from '@ethwire/interop/paths'
import { p2phostPath } from '../go.ts'

/** A server in a process of its own. */
export interface Host extends AsyncDisposable {
  readonly enode: string
  readonly pid: number
}

/** So many peers that two thirds of the places, which are for those who dial, are enough for a swarm and for strangers. */
const maxPeers = '1800'

/** The program as users run it, with nothing but its genesis block. */
export async function startOurs(): Promise<Host> {
  const { genesis, networkId } = sampleChain
  const node = await startEthwire({ genesis, networkId, args: ['--maxpeers', maxPeers] })
  return { enode: node.enode, pid: node.pid(), [Symbol.asyncDispose]: () => node.kill() }
}

/** geth's p2p.Server with as little of eth as it takes: less than a geth carries. */
export async function startTheirs(): Promise<Host> {
  const child = spawn(p2phostPath, ['-maxpeers', maxPeers], { stdio: ['pipe', 'pipe', 'inherit'] })
  const { value, done } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next()
  const { pid } = child
  if (done || pid === undefined) throw new Error('p2phost ended')
  const { enode } = JSON.parse(value) as { enode: string }
  return {
    ...{ enode, pid },
    async [Symbol.asyncDispose]() {
      child.stdin.end()
      if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve))
    },
  }
}
