// The external address as geth's --nat names it.
import { parseNat } from '@ethwire/nat'

const mapper = parseNat('extip:203.0.113.7')
console.log(mapper?.name, 'is reached at', await mapper?.externalIp())

try {
  parseNat('upnp')
} catch (error) {
  console.log(String(error))
}
