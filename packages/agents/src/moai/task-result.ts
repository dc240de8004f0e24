/** The words in which MoAI and its hooks tell how a task ended. */
import type { TaskResult } from "@moai-metrics/model";
import { RESULT_WORDS } from "../hook-fields.ts";

const RESULTS: ReadonlyMap<string, TaskResult> = new Map(
  Object.entries(RESULT_WORDS).flatMap(([result, words]) => words.map((word) => [word, result as TaskResult] as const)),
);

/** The result; undefined for a word that has no equivalent. */
export function taskResultOf(word: string): TaskResult | undefined {
  return RESULTS.get(word.trim().toLowerCase());
}
