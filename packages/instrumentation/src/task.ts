/** Tasks: the unit that has an agent, a duration and a result. */
import { openTask, type Task, type TaskOptions } from "./open-task.ts";
import { guarded, isRecording } from "./registry.ts";
import { runInScope } from "./run-in-scope.ts";
import { settle } from "./settle.ts";

const UNRECORDED_TASK: Task = Object.freeze({ id: "", setResult: () => {} });

/**
 * Runs `work` as one task: what is recorded inside, across awaits, belongs to it. Tasks nest. A normal end is
 * `success` unless `task.setResult()` said otherwise; a throw is `failure`, `cancelled` (AbortError) or `timeout`
 * (TimeoutError).
 *
 * A task whose work is a promise ends with it. What an async generator function returns is no promise: such a task
 * ends before the generator starts, so wrap the generator with `instrumentAgent`, or the loop that reads it with this.
 *
 * @example
 * ```ts
 * const plan = await withTask("planner", async (task) => {
 *   const text = await Promise.resolve("");
 *   if (text === "") task.setResult("failure", { errorType: "EmptyPlan" });
 *   return text;
 * });
 * ```
 * @param options the name of the agent, or more.
 * @returns what `work` returns; what `work` throws is thrown on unchanged.
 */
export function withTask<T>(options: string | TaskOptions, work: (task: Task) => T): T {
  const open = isRecording()
    ? guarded(() => openTask(typeof options === "string" ? { agent: options } : options, false))
    : undefined;
  if (open === undefined) return work(UNRECORDED_TASK);
  let returned: T;
  try {
    returned = runInScope(open.scope, () => work(open.task));
  } catch (error) {
    guarded(() => open.fail(error));
    throw error;
  }
  return settle(returned, {
    succeed: () => guarded(open.succeed),
    fail: (error) => guarded(() => open.fail(error)),
    cancel: () => guarded(open.cancel),
  });
}
