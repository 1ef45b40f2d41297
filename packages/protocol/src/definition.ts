import type { Schema, StructValue } from '@ethwire/rlp-codec'

/** The fields of a message by name, in their order. */
export type Fields = Readonly<Record<string, Schema<unknown>>>

/** A request with its response; made by `request`. */
export interface RequestDefinition<Q extends Fields = Fields, A extends Fields = Fields> {
  readonly kind: 'request'
  readonly request: Q
  readonly response: A
}

/** A message's fields, or a request with its response. */
export type MessageDefinition = Fields | RequestDefinition

/** The messages of a protocol by name, in the order of their codes; a request takes two codes. */
export type MessageDefinitions = Readonly<Record<string, MessageDefinition>>

/** The value of a message's fields. */
export type FieldsValue<F extends Fields> = StructValue<F, never>

/** A message that both sides send first, and what must hold for the other's. */
export interface HandshakeDefinition<F extends Fields> {
  readonly fields: F
  /** What we send. */
  local(): FieldsValue<F>
  /** Throws when the other's is not acceptable. */
  verify?(remote: FieldsValue<F>, local: FieldsValue<F>): void
}

/** One message code: what it carries, and its part in a request. */
export interface MessageCode {
  readonly name: string
  readonly role: 'handshake' | 'message' | 'request' | 'response'
  readonly schema: Schema<MessageValue>
}

/** Any message's fields by name. */
export type MessageValue = Record<string, unknown>
