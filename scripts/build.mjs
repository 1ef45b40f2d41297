// `npm run build`: installs, and builds every package.
import { build, install, main } from './workspace.mjs'

await main(async () => {
  await install()
  await build()
})
