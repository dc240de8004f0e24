/** `task_metrics`: one task. */
import type { Store } from "@moai-metrics/store";
import { nameOrUnknown, usageFields } from "../fields.ts";
import { tokensOriginOf } from "../tokens-origin.ts";
import { costKeys } from "./cost-keys.ts";
import { isoTime } from "./rounding.ts";
import type { TaskMetricsDocument } from "./types.ts";

/** The document of a task by its whole id, or of the newest one that a hook called so; undefined when the ledger has no such task. */
export function taskMetricsDocument(
  store: Pick<Store, "query" | "ledger">,
  taskId: string,
): TaskMetricsDocument | undefined {
  const [record] = store.query.getTasks({ taskIds: [taskId], limit: 1 }).rows;
  if (record === undefined) return undefined;
  const task = store.ledger
    .tasks({ sessionIds: [record.sessionId], products: [record.product] })
    .find((each) => each.taskId === record.taskId);
  if (task === undefined) return undefined;
  const fields = usageFields(task);
  return {
    task_metrics: {
      task_id: task.report?.name || task.taskId,
      key: task.taskId,
      agent: nameOrUnknown(task.agent),
      started_at: isoTime(task.startedAtMillis),
      ended_at: task.result === "open" ? null : isoTime(task.startedAtMillis + task.durationMillis),
      duration_ms: task.durationMillis,
      result: task.result,
      tokens_used: fields.totalTokens,
      tokens_origin: tokensOriginOf(task),
      files_created: task.filesCreated,
      files_modified: task.filesModified,
      files_deleted: task.filesDeleted,
      session_id: task.sessionId,
      project: nameOrUnknown(task.project),
      result_origin: task.resultOrigin === "" ? null : task.resultOrigin,
      error_type: task.errorType === "" ? null : task.errorType,
      ...costKeys(fields),
    },
  };
}
