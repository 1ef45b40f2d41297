/** An IP address in canonical text form and a port from 0 to 65535. */
export interface SocketEndpoint {
  readonly ip: string
  readonly port: number
}

/**
 * A reliable, ordered stream of bytes in both directions: a TCP connection, or one half of an in-memory pair.
 *
 * Reading is async iteration: the iterator ends when the other side has half-closed and throws when the stream broke.
 * A chunk belongs to the reader; it is not written to again. Reading can be iterated once. Not reading holds the other
 * side back. Leaving the iteration early stops reading but does not close the stream.
 */
export interface ByteStream extends AsyncIterable<Uint8Array> {
  readonly remote: SocketEndpoint
  readonly local: SocketEndpoint
  /**
   * Hands over bytes; resolves when there is room for more (backpressure) and rejects with an `IoError` once the stream
   * is closed or broken. The array must not be changed until then.
   */
  write(bytes: Uint8Array): Promise<void>
  /** Half-closes: the other side's iteration ends after what was written. Resolves when all is handed over. */
  end(): Promise<void>
  /** Breaks the stream at once: pending writes and reads reject with `reason`. Idempotent. */
  abort(reason?: Error): void
  /** Resolves, never rejects, when both directions are closed; with the error that broke it, if one did. */
  readonly closed: Promise<Error | undefined>
}

/** Opens a stream to an endpoint. Rejects with an `IoError` when it can't, or with the signal's reason. */
export type Dial = (endpoint: SocketEndpoint, options?: { signal?: AbortSignal }) => Promise<ByteStream>

/** Accepts streams. Iteration yields each new one and ends when the listener is closed. */
export interface Listener extends AsyncIterable<ByteStream> {
  readonly local: SocketEndpoint
  /** Stops accepting; accepted streams live on. Idempotent. */
  close(): Promise<void>
}

/** Binds a listener; port 0 takes a free one. */
export type Listen = (endpoint: SocketEndpoint) => Promise<Listener>
