/** The hash by which a task is found. */
import { hash53 } from "@moai-metrics/model";

/** What fits into six bytes of an index. Part of the file format. */
const HASH_LIMIT = 2 ** 48;

/**
 * Task keys are mostly random texts, so every new one goes to another page of their index; an index of hashes is a
 * third as large and stays in memory. Equal hashes are told apart by the key itself.
 */
export function hashOfTaskKey(taskKey: string): number {
  return hash53(taskKey) % HASH_LIMIT;
}
