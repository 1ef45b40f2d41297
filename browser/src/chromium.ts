import { existsSync } from 'node:fs'

const candidates = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** A Chromium of this machine. None is downloaded. */
export function findChromium(): string {
  const found = candidates.find((path) => path !== undefined && path !== '' && existsSync(path))
  if (found === undefined)
    throw new Error('no Chromium: install it (Debian: apt-get install chromium) or set CHROMIUM_PATH')
  return found
}

/** Without a window, and without any word to the outside. */
export const chromiumArgs: string[] = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
