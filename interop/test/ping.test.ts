import { expect, test } from 'vitest'
import { devp2p } from '../src/devp2p.ts'
import { startEthwire } from '../src/ethwire-process.ts'
import { sampleChain } from '../src/paths.ts'

test("geth's `devp2p rlpx ping` prints our hello", async () => {
  await using node = await startEthwire({ genesis: sampleChain.genesis, networkId: sampleChain.networkId })
  const { code, stdout, stderr } = await devp2p('rlpx', 'ping', node.enode)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })

  // The tool prints Go's form of the message: the name, the capabilities, and the key as decimal bytes.
  const { enode, name } = await node.rpc<{ enode: string; name: string }>('admin_nodeInfo')
  expect(stdout).toContain(`Name:${name} `)
  expect(stdout).toMatch(/Version:5 .*Caps:\[eth\/69 eth\/70\] /)
  const key = Buffer.from(new URL(enode).username, 'hex')
  expect(stdout).toContain(`ID:[${[...key].join(' ')}]`)
  await node.stop()
})
