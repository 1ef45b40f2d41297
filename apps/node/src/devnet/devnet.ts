export async function devnet(_options: unknown): Promise<number> {
  return 0
}
