/** Typed happenings: listeners by name, told in the order they came. */
export interface Emitter<Events> {
  /** Returns what ends it. */
  on<E extends keyof Events>(type: E, listener: (event: Events[E]) => void): () => void
  emit<E extends keyof Events>(type: E, event: Events[E]): void
}

/** What a listener throws goes to `onError`, never to whoever emits: that would end a sync, or the process. */
export function createEmitter<Events>(onError: (error: unknown) => void): Emitter<Events> {
  // bounded: one set for each kind of event; what is in it belongs to who listens
  const listeners = new Map<keyof Events, Set<(event: never) => void>>()
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
          ;(listener as (event: unknown) => void)(event)
        } catch (error) {
          onError(error)
        }
      }
    },
  }
}
