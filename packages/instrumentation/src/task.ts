/** Tasks: the unit that has an agent, a duration and a result. */
import { openTask, type Task, type TaskOptions } from "./open-task.ts";
import { guarded, registry } from "./registry.ts";
import { runInScope } from "./run-in-scope.ts";
import { settle } from "./settle.ts";

const UNRECORDED_TASK: Task = Object.freeze({ id: "", setResult: () => {} });

/**
 * Runs `work` as one task: what is recorded inside, across awaits, belongs to it. Tasks nest. A normal end is
 * `success` unless `task.setResult()` said otherwise; a throw is `failure`, `cancelled` (AbortError) or `timeout`
 * (TimeoutError).
 *
 * @param options the name of the agent, or more.
 * @returns what `work` returns; what `work` throws is thrown on unchanged.
 */
export function withTask<T>(options: string | TaskOptions, work: (task: Task) => T): T {
  const open = registry.settings.isEnabled
    ? guarded(() => openTask(typeof options === "string" ? { agent: options } : options, false))
    : undefined;
  if (open === undefined) return work(UNRECORDED_TASK);
  const fail = (error: unknown) => guarded(() => open.fail(error));
  let returned: T;
  try {
    returned = runInScope(open.scope, () => work(open.task));
  } catch (error) {
    fail(error);
    throw error;
  }
  return settle(returned, () => guarded(open.succeed), fail);
}
