/** From so many free bytes at the end of its heap on, glibc gives them back. */
const thresholdVariable = 'MALLOC_TRIM_THRESHOLD_'
const thresholdBytes = 128 * 1024

/**
 * The environment in which glibc's malloc gives back to the system what is free, for a process that starts in it; undefined
 * where nothing is to be changed: on other systems, and where the user has settings of their own.
 *
 * malloc(3), mallopt(3): when a large block is freed, the threshold of 128 KiB rises to twice its size, and buffers of
 * some MiB come and go here. A node that has served a few peers then keeps 230 MB instead of 140, for good. Only
 * the environment sets the threshold, and only before a process begins.
 */
export function trimmingEnvironment(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): NodeJS.ProcessEnv | undefined {
  const hasOwn = Object.keys(env).some((name) => name.startsWith('MALLOC_') || name === 'GLIBC_TUNABLES')
  if (platform !== 'linux' || hasOwn) return undefined
  return { ...env, [thresholdVariable]: String(thresholdBytes) }
}

/**
 * Begins this process anew in that environment: the same process, the same arguments. One that was started over IPC goes on
 * as it is, as it would lose the channel; who starts it gives it the environment.
 */
export function restartTrimming(): void {
  const env = trimmingEnvironment(process.env, process.platform)
  const { execve } = process
  if (env === undefined || execve === undefined || process.connected) return
  execve.call(process, process.execPath, [process.execPath, ...process.execArgv, ...process.argv.slice(1)], env)
}
