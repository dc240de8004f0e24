/** How a turn ended, as its lines tell. */
import type { TaskOutcome } from "@moai-metrics/model";
import type { TranscriptRecord } from "./record.ts";

/** Error class of a failed model call whose line names none. */
const API_ERROR = "api_error";

/**
 * The error class of a line that the product wrote in place of a reply; undefined for a reply. Lines of the model
 * `<synthetic>` are errors unless they say that they are not (a filler such as "No response requested.").
 */
export function apiErrorOf(record: TranscriptRecord): string | undefined {
  const isError =
    record.isApiErrorMessage ?? (record.model === SYNTHETIC_MODEL || isGiven(record.error) || isGiven(record.apiError));
  if (!isError) return undefined;
  return identifier(record.error) ?? identifier(record.apiError) ?? API_ERROR;
}

/** The model name of lines that no model wrote. */
export const SYNTHETIC_MODEL = "<synthetic>";

/**
 * What a reply's stop reason says about its task. A reply cut off at `max_tokens` is a normal end: no one reported
 * an error. Nothing is said by `tool_use` and `pause_turn`: the turn goes on.
 */
export function outcomeOfStop(stopReason: string | undefined, atMillis: number): TaskOutcome | undefined {
  switch (stopReason) {
    case "end_turn":
    case "stop_sequence":
    case "max_tokens":
      return { result: "success", origin: "inferred", atMillis };
    case "refusal":
    case "model_context_window_exceeded":
      return { result: "failure", origin: "inferred", atMillis, errorType: stopReason };
    default:
      return undefined;
  }
}

/** Words, and the number of an HTTP status. A key has digits among its letters, a message has blanks. */
const IDENTIFIER = /^[a-z]+(?:[_.-](?:[a-z]+|\d{3}))*$/i;
const MAX_IDENTIFIER_LENGTH = 64;

function identifier(text: string | undefined): string | undefined {
  if (text === undefined || text.length > MAX_IDENTIFIER_LENGTH) return undefined;
  return IDENTIFIER.test(text) ? text : undefined;
}

function isGiven(text: string | undefined): boolean {
  return text !== undefined && text !== "";
}
