/** Length of a text that is passed on; below the bound of the schema `Text`. */
const LONGEST = 1000;

/**
 * A text as it may be sent, logged and shown on a terminal, whoever wrote it: one line, no control or format
 * characters (they move the cursor, or turn the direction of the text), no half of a surrogate pair (neither the codec nor
 * the canonical form takes one), at most `longest` UTF-16 units.
 */
export function plainText(text: string, longest: number = LONGEST): string {
  return text
    .slice(0, longest)
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
}
