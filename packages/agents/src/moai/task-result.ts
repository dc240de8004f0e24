/** The words in which MoAI and its hooks tell how a task ended. */
import type { TaskResult } from "@moai-metrics/model";

const WORDS: Readonly<Record<TaskResult, readonly string[]>> = {
  success: ["success", "succeeded", "successful", "completed", "complete", "done", "ok", "pass", "passed"],
  failure: ["failure", "failed", "fail", "error"],
  timeout: ["timeout", "timed_out", "timedout"],
  cancelled: ["cancelled", "canceled", "aborted", "interrupted"],
  unknown: ["unknown", ""],
};

const RESULTS: ReadonlyMap<string, TaskResult> = new Map(
  Object.entries(WORDS).flatMap(([result, words]) => words.map((word) => [word, result as TaskResult] as const)),
);

/** The result; undefined for a word that has no equivalent. */
export function taskResultOf(word: string): TaskResult | undefined {
  return RESULTS.get(word.trim().toLowerCase().replaceAll(/[\s-]/g, "_"));
}
