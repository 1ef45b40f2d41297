/**
 * RLP for messages from strangers: typed schemas that read from the bytes as they came, without a tree, with every
 * length, count and form checked before work is done. Writing is by `rlp`.
 *
 * @module
 */
export { Cursor, type ItemKind } from './cursor.ts'
export { RlpError, type RlpErrorCode } from './errors.ts'
export { type ItemBounds, listItems, readItem } from './items.ts'
export { list, type StructOptions, type StructValue, struct, tuple } from './lists.ts'
export { bool, safeUint, u8, u16, u32, u64, u256, uint } from './numbers.ts'
export { decode, decodePrefix, encode, type Infer, type Schema } from './schema.ts'
export { bytes, fixedBytes, optionalBytes, raw, utf8 } from './strings.ts'
export { byKind, convert, type KindAlternatives } from './unions.ts'
export { EncodedItem, encodeBytes, encodeList, encodeUint, type Item, writeItem } from './writer.ts'
