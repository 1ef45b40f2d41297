import fc from 'fast-check'

// Properties say nothing of how often they run: in a test run as often as a moment allows, in a fuzz run until its time is
// over. An expensive property is cut off by time in both.
const fuzzMs = Number(process.env.ETHWIRE_FUZZ_MS ?? 0)

fc.configureGlobal(
  fuzzMs > 0
    ? { numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: fuzzMs, markInterruptAsFailure: false }
    : { numRuns: 500, interruptAfterTimeLimit: 1_000, markInterruptAsFailure: false },
)
