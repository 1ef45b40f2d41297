import { defineProject } from 'vitest/config'
// @boundaries-ignore settings that all packages share
import { shared } from '../../vitest.shared.ts'

export default defineProject(shared)
