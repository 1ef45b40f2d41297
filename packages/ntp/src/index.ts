/**
 * An SNTP client, and the check of the clock that node discovery needs.
 *
 * @module
 */
export {}
