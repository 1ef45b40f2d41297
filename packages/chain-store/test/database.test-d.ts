import type { ClassicLevel } from 'classic-level'
import type { MemoryLevel } from 'memory-level'
import { expectTypeOf, test } from 'vitest'
import type { ChainDatabase } from '../src/index.ts'

test('classic-level, memory-level and their sublevels are chain databases', () => {
  expectTypeOf<ClassicLevel>().toExtend<ChainDatabase>()
  expectTypeOf<ClassicLevel<Uint8Array, Uint8Array>>().toExtend<ChainDatabase>()
  expectTypeOf<MemoryLevel>().toExtend<ChainDatabase>()
  expectTypeOf<ReturnType<MemoryLevel['sublevel']>>().toExtend<ChainDatabase>()
})
