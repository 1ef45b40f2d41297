import { defineConfig } from 'tsup'
// @boundaries-ignore settings that all packages share
import { shared } from '../../tsup.shared.ts'

export default defineConfig({ ...shared, entry: { index: 'src/index.ts' } })
