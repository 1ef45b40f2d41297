/** Names to addresses and texts. Rejects with an `IoError` (`'IO_NAME_NOT_FOUND'`) when a name has no answer. */
export interface Resolver {
  /** IPv4 and IPv6 addresses of a host name, in canonical text form. */
  addresses(name: string, options?: { signal?: AbortSignal }): Promise<string[]>
  /** TXT records of a name; each record's strings are joined. */
  texts(name: string, options?: { signal?: AbortSignal }): Promise<string[]>
}
