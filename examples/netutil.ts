// One way to read IP addresses, whatever their spelling.
import { isLan, isLoopback, parseIp } from '@ethwire/netutil'

for (const text of ['127.0.0.1', '::ffff:10.0.0.1', '2001:db8::1', 'example.org']) {
  const ip = parseIp(text)
  console.log(text, ip === undefined ? 'is no address' : { text: ip.text, lan: isLan(ip), loopback: isLoopback(ip) })
}
