import type { SequenceStore } from '@ethwire/enr'
import type { ClassicLevel } from 'classic-level'
import type { MemoryLevel } from 'memory-level'
import { expectTypeOf, test } from 'vitest'
import type { NodeDatabase, NodeStore } from '../src/index.ts'

test('classic-level, memory-level and their sublevels are node stores', () => {
  expectTypeOf<ClassicLevel>().toExtend<NodeStore>()
  expectTypeOf<ClassicLevel<Uint8Array, Uint8Array>>().toExtend<NodeStore>()
  expectTypeOf<MemoryLevel>().toExtend<NodeStore>()
  expectTypeOf<ReturnType<MemoryLevel['sublevel']>>().toExtend<NodeStore>()
})

test('a node database is a sequence store', () => {
  expectTypeOf<NodeDatabase>().toExtend<SequenceStore>()
})
