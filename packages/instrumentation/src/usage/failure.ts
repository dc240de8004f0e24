/** Failures that a stream reports as one of its chunks instead of throwing them. */
import { cleanErrorType } from "@moai-metrics/model";
import { outcomeOfThrow, type ThrownOutcome } from "../outcome.ts";
import { type Shape, shapeOf } from "./shape.ts";

/**
 * Reads the error events of Anthropic and OpenAI, the `error` and `abort` parts of the Vercel AI SDK and of Mastra, and
 * the closing message of a Claude agent.
 */
export function readFailure(chunk: Shape): ThrownOutcome | undefined {
  if (chunk["type"] === "abort") return { result: "cancelled", errorType: "AbortError" };
  if (chunk["type"] === "result" && chunk["is_error"] === true) {
    return { result: "failure", errorType: cleanErrorType(chunk["subtype"]) };
  }
  if (chunk["type"] !== "error") return undefined;
  // Mastra wraps what its parts carry.
  const error = chunk["error"] ?? shapeOf(chunk["payload"])?.["error"];
  if (error instanceof Error) return { ...outcomeOfThrow(error), thrown: error };
  const details = shapeOf(error) ?? chunk;
  return { result: "failure", errorType: cleanErrorType(details["code"] ?? details["type"]) };
}
