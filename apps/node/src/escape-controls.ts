/** Of what is shown of one text: most are names and messages. */
const maxShownLength = 500

/** What could steer a terminal, or show text in another order than it has, is written out; what is long is cut. */
export function escapeControls(text: string, maxLength: number = maxShownLength): string {
  return text.slice(0, maxLength).replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0
    return code <= 0xff ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
  })
}
