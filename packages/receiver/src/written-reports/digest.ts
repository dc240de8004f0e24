/** Short digests of what reports are made from. */

/**
 * The beginning of a digest of a text, six bits a character.
 *
 * @param length of the answer, in characters.
 */
export function digest(text: string, length: number): string {
  // Loading the module takes milliseconds, and most commands find nothing that has changed.
  const { createHash } = process.getBuiltinModule("node:crypto");
  return createHash("sha256").update(text).digest("base64url").slice(0, length);
}
