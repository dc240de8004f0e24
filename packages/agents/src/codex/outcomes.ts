/** How a tool call ended, as the beginning of its result tells. */
import { objectOf } from "../jsonl/json-values.ts";

/** How much of a result is looked at. */
const BEGINNING_LENGTH = 400;

const EXIT_CODE = /(?:^|\n)(?:Process exited with code|Exit code:) (-?\d+)/;

const FAILURES: readonly (readonly [beginning: RegExp, errorType: string])[] = [
  [/^(?:exec command )?rejected by user/i, "rejected"],
  [/^aborted(?: by user)?/i, "interrupted"],
  [/^(?:command )?timed out after /i, "timeout"],
  [/^(?:failed|error)\b/i, "tool_error"],
  [/^(?:execution error|sandbox (?:error|denied)|apply_patch verification failed|unsupported call)/i, "tool_error"],
];

/** The class of a failed tool call; undefined for success. */
export function toolErrorOf(output: string): string | undefined {
  const text = output.trimStart();
  const exitCode = text.startsWith('{"output"')
    ? writtenExitCode(text)
    : EXIT_CODE.exec(text.slice(0, BEGINNING_LENGTH))?.[1];
  if (exitCode !== undefined) return Number(exitCode) === 0 ? undefined : "tool_error";
  return FAILURES.find(([beginning]) => beginning.test(text))?.[1];
}

/** `{"output": …, "metadata": {"exit_code": 1, …}}` of older versions. */
function writtenExitCode(text: string): string | undefined {
  try {
    const code = objectOf(objectOf(JSON.parse(text))?.["metadata"])?.["exit_code"];
    return typeof code === "number" ? String(code) : undefined;
  } catch {
    return undefined;
  }
}
