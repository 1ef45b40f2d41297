import type { NodeAddress } from '@ethwire/enr'
import type { Contact } from './contact.ts'

/** Somebody who is not stored: who has not answered yet, or whose place another has. */
interface Stranger {
  /** bounded: maxContacts */
  readonly contacts: Contact[]
  /** Given before it has answered. */
  node?: NodeAddress
}

/** Strangers in memory; those not heard of for the longest time go. */
export interface Strangers {
  get(id: string): Stranger | undefined
  /** Makes one if there is none. */
  ensure(id: string): Stranger
  add(id: string, stranger: Stranger): void
  delete(id: string): void
}

/** A packet with a forged sender makes one: they are few, and never written. */
const maxStrangers = 1_024

export function createStrangers(): Strangers {
  const strangers = new Map<string, Stranger>() // bounded: 1,024, LRU
  const add = (id: string, stranger: Stranger): void => {
    strangers.delete(id)
    strangers.set(id, stranger)
    if (strangers.size <= maxStrangers) return
    const [oldest] = strangers.keys()
    strangers.delete(oldest as string)
  }
  return {
    get: (id) => strangers.get(id),
    ensure(id) {
      const stranger = strangers.get(id) ?? { contacts: [] }
      add(id, stranger)
      return stranger
    },
    add,
    delete: (id) => void strangers.delete(id),
  }
}
