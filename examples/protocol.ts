// A protocol of one's own, and two peers that speak it over a pipe.
import { defineProtocol, request } from '@ethwire/protocol'
import { list, u64, utf8 } from '@ethwire/rlp-codec'
import { messagePipe } from '@ethwire/testing'

const chat = defineProtocol({
  name: 'chat',
  version: 1,
  messages: { say: { text: utf8(280) }, history: request({ since: u64 }, { lines: list(utf8(280), 100) }) },
  limits: { maxMessageBytes: 64 * 1024 },
})

const [left, right] = messagePipe()
const serving = chat
  .run((peer) => {
    peer.on('say', ({ text }) => console.log('heard:', text))
    peer.on('history', ({ since }) => ({ lines: [`nothing since ${since}`] }))
  })
  .run(left)
const asking = chat
  .run(async (peer) => {
    await peer.say({ text: 'hello' })
    console.log('told:', (await peer.history({ since: 5n })).lines)
    peer.disconnect(0)
  })
  .run(right)
await Promise.all([serving, asking])
