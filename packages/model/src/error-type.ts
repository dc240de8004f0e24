/** OpenTelemetry's `error.type`: a class or a code, never a message. */

/** What stands for an error that has no class or code. */
export const OTHER_ERROR = "_OTHER";

const ERROR_TYPE = /^[A-Za-z_][\w.:-]{0,63}$/;

/** Digits of a code such as `ERR_HTTP2_STREAM_ERROR` or `ORA-00942`. */
const MAX_DIGITS = 5;
/** A text shorter than this is no key, whatever it is made of. */
const SHORT_LENGTH = 12;
const MIN_LETTERS_PER_WORD = 3;
/** Letters of one case and digits in one run, as of access keys. */
const RUN_WITH_DIGIT = /(?=[A-Z]*\d)[A-Z\d]{16}|(?=[a-z]*\d)[a-z\d]{16}/;

/** Whether a text is a class or a code: words of a message have blanks between them, and keys have no words. */
export function isErrorType(value: unknown): value is string {
  return typeof value === "string" && ERROR_TYPE.test(value) && !looksLikeKey(value);
}

/** Keys and tokens are drawn at random: many digits, and capitals in the middle of what would be words. */
function looksLikeKey(text: string): boolean {
  if (text.length < SHORT_LENGTH) return false;
  if (RUN_WITH_DIGIT.test(text)) return true;
  const digits = text.match(/\d/g)?.length ?? 0;
  const digitRuns = text.match(/\d+/g)?.length ?? 0;
  const words = text.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g) ?? [];
  const letters = words.reduce((sum, word) => sum + word.length, 0);
  return digits > MAX_DIGITS || digitRuns > 2 || letters < words.length * MIN_LETTERS_PER_WORD;
}

/** A text as `error.type`, or {@link OTHER_ERROR} for one that is not a class or a code. */
export function cleanErrorType(value: unknown): string {
  return isErrorType(value) ? value : OTHER_ERROR;
}
