import { parseIp } from '@ethwire/netutil'

/** Says what was expected, if a value is not that. */
export type Check = (value: unknown) => string | undefined

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

export const isAsyncIterable = (value: unknown): boolean =>
  isObject(value) && typeof Reflect.get(value, Symbol.asyncIterator) === 'function'

export const integer =
  (least: number, most: number = Number.MAX_SAFE_INTEGER): Check =>
  (value) => {
    if (Number.isInteger(value) && Number(value) >= least && Number(value) <= most) return undefined
    return `an integer from ${least}${most === Number.MAX_SAFE_INTEGER ? '' : ` to ${most}`}`
  }

export const boolean: Check = (value) => (typeof value === 'boolean' ? undefined : 'true or false')
export const fn: Check = (value) => (typeof value === 'function' ? undefined : 'a function')
export const array =
  (of: string): Check =>
  (value) =>
    Array.isArray(value) ? undefined : `an array of ${of}`
export const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined ? undefined : check(value)
export const ip: Check = (value) =>
  typeof value === 'string' && parseIp(value) !== undefined ? undefined : 'an IP address'

/** An object that has these methods. */
export const having =
  (...methods: string[]): Check =>
  (value) =>
    isObject(value) && methods.every((name) => typeof value[name] === 'function')
      ? undefined
      : `an object with ${methods.map((name) => `${name}()`).join(', ')}`

/** An object whose fields are as they should be, and no others. */
export const fields =
  (checks: Readonly<Record<string, Check>>): Check =>
  (value) => {
    const names = Object.keys(checks).join(', ')
    if (!isObject(value)) return `an object with ${names}`
    if (Object.keys(value).some((name) => !Object.hasOwn(checks, name))) return `an object with nothing but ${names}`
    return shape(checks)(value)
  }

/** An object whose fields are as they should be, whatever else it has. */
export const shape =
  (checks: Readonly<Record<string, Check>>): Check =>
  (value) => {
    if (!isObject(value)) return `an object with ${Object.keys(checks).join(', ')}`
    for (const [name, check] of Object.entries(checks)) {
      const expected = check(value[name])
      if (expected !== undefined) return `an object whose ${name} is ${expected}`
    }
    return undefined
  }

/** An object whose every key and value is as it should be. */
export const entries =
  (of: string, checkKey: Check, checkValue: Check): Check =>
  (value) => {
    if (!isObject(value)) return `an object of ${of}`
    for (const [key, item] of Object.entries(value)) {
      const expected = checkKey(key) ?? checkValue(item)
      if (expected !== undefined) return `an object of ${of}, where ${key} is not ${expected}`
    }
    return undefined
  }
