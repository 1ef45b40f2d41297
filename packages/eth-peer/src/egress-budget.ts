/** Answers that are being made at once. */
const maxBuilding = 4
/** Bytes of answers that were made and that peers have not taken yet. */
const defaultMaxBytes = 32 * 1024 * 1024

/** Shared by all peers: what answers may cost in memory while peers take their time to read them. */
export interface EgressBudget {
  /**
   * Makes an answer and sends it, when its turn comes. Who takes what it is sent (`isReader`) may use twice the budget, so
   * that peers who don't read hold up each other, but not those who do.
   */
  answer(isReader: boolean, build: () => Promise<Uint8Array>, send: (bytes: Uint8Array) => Promise<void>): Promise<void>
}

/** Makes a budget for all peers of a protocol. */
export function createEgressBudget(maxBytes: number = defaultMaxBytes): EgressBudget {
  let building = 0
  let heldBytes = 0
  // bounded: one a peer, since each is answered one request at a time
  const waiting = new Set<{ isReader: boolean; start: () => void }>()

  const hasRoom = (isReader: boolean): boolean =>
    building < maxBuilding && heldBytes < (isReader ? 2 * maxBytes : maxBytes)

  const startNext = (): void => {
    for (const waiter of waiting) {
      if (!hasRoom(waiter.isReader)) continue
      waiting.delete(waiter)
      building++
      waiter.start()
    }
  }

  const turn = (isReader: boolean): Promise<void> | undefined => {
    if (hasRoom(isReader)) {
      building++
      return undefined
    }
    const { promise, resolve } = Promise.withResolvers<void>()
    waiting.add({ isReader, start: resolve })
    return promise
  }

  return {
    async answer(isReader, build, send) {
      await turn(isReader)
      let isBuilding = true
      let held = 0
      try {
        const bytes = await build()
        held = bytes.length
        heldBytes += held
        building--
        isBuilding = false
        startNext()
        await send(bytes)
      } finally {
        if (isBuilding) building--
        heldBytes -= held
        startNext()
      }
    },
  }
}
