/** OpenTelemetry's `error.type`: a class or a code, never a message. */

/** What stands for an error that has no class or code. */
export const OTHER_ERROR = "_OTHER";

const ERROR_TYPE = /^[A-Za-z_][\w.:-]{0,63}$/;

/** Whether a text is a class or a code: words of a message have blanks between them. */
export function isErrorType(value: unknown): value is string {
  return typeof value === "string" && ERROR_TYPE.test(value);
}

/** A text as `error.type`, or {@link OTHER_ERROR} for one that is not a class or a code. */
export function cleanErrorType(value: unknown): string {
  return isErrorType(value) ? value : OTHER_ERROR;
}
