/** Listeners by event name. */
export interface Events<T> {
  /** Calls `listener` for each event of a type; returns what removes it. */
  on<K extends keyof T>(type: K, listener: (event: T[K]) => void): () => void
}

/** An `Events` that its owner can make happen. */
export interface EventSource<T> extends Events<T> {
  emit<K extends keyof T>(type: K, event: T[K]): void
}

/** Makes an event source. What a listener throws, or rejects with, goes to `onError`, never to whoever emits. */
export function createEvents<T>(onError: (error: unknown) => void): EventSource<T> {
  // bounded: by the listeners that this process's own code adds
  const listeners = new Map<keyof T, Set<(event: never) => void>>()
  return {
    on(type, listener) {
      const set = listeners.get(type) ?? new Set()
      listeners.set(type, set)
      set.add(listener)
      return () => void set.delete(listener)
    },
    emit(type, event) {
      for (const listener of listeners.get(type) ?? []) {
        try {
          const done = (listener as (event: T[typeof type]) => unknown)(event)
          // Nobody waits for an async listener, but somebody has to hear that it failed.
          if (done instanceof Promise) done.catch(onError)
        } catch (error) {
          onError(error)
        }
      }
    },
  }
}
