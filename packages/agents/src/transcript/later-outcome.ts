/** Two outcomes of one task. */
import { TASK_RESULTS, type TaskOutcome } from "@moai-metrics/model";

/**
 * Which of two outcomes of a task holds: a report before an inference, then the later one. Of two at the same moment
 * the one further down in `TASK_RESULTS` holds, then the greater error type, as in the ledger, so that it does not
 * matter where a chunk ends.
 */
export function laterOutcome(a: TaskOutcome | undefined, b: TaskOutcome): TaskOutcome {
  if (a === undefined) return b;
  if (a.origin !== b.origin) return a.origin === "reported" ? a : b;
  if (a.atMillis !== b.atMillis) return a.atMillis > b.atMillis ? a : b;
  if (a.result !== b.result) return TASK_RESULTS.indexOf(a.result) > TASK_RESULTS.indexOf(b.result) ? a : b;
  return (a.errorType ?? "") > (b.errorType ?? "") ? a : b;
}
