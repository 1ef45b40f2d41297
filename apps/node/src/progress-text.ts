const barWidth = 28

/** `━━━━━━──────  42 %` */
export function progressBar(fraction: number): string {
  const part = Math.min(1, Math.max(0, fraction))
  const filled = Math.round(part * barWidth)
  const percent = Math.floor(part * 100)
  return `${'━'.repeat(filled)}${'─'.repeat(barWidth - filled)} ${String(percent).padStart(3)} %`
}

/** `42 s`, `3 min 05 s`, `2 h 10 min`; `?` for what cannot be said. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?'
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`
}

/** `12,345` */
export function grouped(number: number): string {
  return Math.round(number).toLocaleString('en-US')
}
