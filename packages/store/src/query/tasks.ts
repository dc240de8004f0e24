/** `getTasks`: tasks, newest last sign of life first. */
import { joinConditions } from "../read/filters.ts";
import { keepCallers } from "./called-models.ts";
import type { QueryContext } from "./context.ts";
import { requireFilter } from "./filter-rules.ts";
import { type Batch, readPage } from "./read-pages.ts";
import { findScope, intersect, planSelection } from "./selection.ts";
import { selectTasks, toTaskRecord } from "./task-records.ts";
import type { Page, PageQuestion, TaskFilter, TaskRecord } from "./types.ts";

const METHOD = "getTasks";
const NEWEST_FIRST = "fact.last_seen_at DESC, fact.id DESC";
const EVERYTHING = { startMillis: 0, endMillis: Number.MAX_SAFE_INTEGER };

/** A filter by model looks at calls, so it reads some tasks at once. */
const TASKS_AT_ONCE = 2_000;

/** @throws RangeError for what cannot be honoured. */
export function readTasks(context: QueryContext, question: TaskFilter & PageQuestion): Page<TaskRecord> {
  const filter = requireFilter(METHOD, "taskRows", question);
  question.signal?.throwIfAborted();
  return context.inOneState(() => {
    const scope = findScope(context, filter);
    return readPage(context, METHOD, filter, question, (after, wanted): Batch<TaskRecord> => {
      const limit = filter.models === undefined ? wanted : TASKS_AT_ONCE;
      // An end of its own lets the index of times begin where the page does. The statement joins sessions anyway.
      const range = intersect(filter.range ?? EVERYTHING, {
        ...EVERYTHING,
        ...(after && { endMillis: after.millis + 1 }),
      });
      const { where } = planSelection("tasks", filter, scope, range);
      const behind = {
        condition: "(fact.last_seen_at, fact.id) < (?, ?)",
        parameters: after === undefined ? [] : [after.millis, after.id],
      };
      const rows = selectTasks(
        context,
        after === undefined ? where : joinConditions([where, behind]),
        NEWEST_FIRST,
        limit,
      );
      const placed = rows.map((row) => ({
        id: row.id,
        startMillis: row.started_at ?? row.last_seen_at,
        endMillis: row.last_seen_at,
        place: { millis: row.last_seen_at, id: row.id },
        columns: row,
      }));
      const kept = keepCallers(context, "task_id", placed, filter.models);
      return {
        rows: kept.map(({ columns, place }) => ({ row: toTaskRecord(context, columns), place })),
        next: limit !== undefined && rows.length === limit ? placed.at(-1)?.place : undefined,
      };
    });
  });
}
