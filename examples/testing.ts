// Ten virtual minutes, without waiting.
import { createVirtualClock } from '@ethwire/testing'

const clock = createVirtualClock()
clock.setTimer(600_000, () => console.log('ten minutes later'))
await clock.advance(600_000)
