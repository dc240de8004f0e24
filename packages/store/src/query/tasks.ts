/** `getTasks`: tasks, newest last sign of life first. */
import type { TimeRange } from "@moai-metrics/model";
import { joinConditions } from "../read/filters.ts";
import { createActiveTimes } from "./active-times.ts";
import { keepCallers } from "./called-models.ts";
import type { QueryContext } from "./context.ts";
import { requireFilter } from "./filter-rules.ts";
import { type Place, placeBehind } from "./paging.ts";
import { type Batch, readPage } from "./read-pages.ts";
import { findScope, planSelection } from "./selection.ts";
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
  const { range = EVERYTHING } = filter;
  question.signal?.throwIfAborted();
  return context.inOneState(() => {
    const scope = findScope(context, filter);
    const times = createActiveTimes(context, {
      population: "tasks",
      filter,
      range,
      newestBefore: (millis) =>
        (context.statement("SELECT max(last_seen_at) FROM task WHERE last_seen_at < ?").pluck().get(millis) as
          | number
          | null) ?? undefined,
    });
    const select = (part: TimeRange, after: Place | undefined, limit: number | undefined, isOpen = false) => {
      const where = joinConditions([
        // The statement joins sessions anyway.
        planSelection("tasks", filter, scope, part).where,
        ...(after === undefined
          ? []
          : [{ condition: "(fact.last_seen_at, fact.id) < (?, ?)", parameters: [after.millis, after.id] }]),
        ...(isOpen ? [{ condition: "fact.result IS NULL", parameters: [] }] : []),
      ]);
      return selectTasks(context, where, NEWEST_FIRST, limit);
    };
    return readPage(context, METHOD, filter, question, (after, wanted): Batch<TaskRecord> => {
      const limit = filter.models === undefined ? wanted : TASKS_AT_ONCE;
      const top = after === undefined ? range.endMillis : Math.min(range.endMillis, after.millis + 1);
      const part = times === undefined ? { ...range, endMillis: top } : times.before(top, limit);
      // Rollups know ended tasks only, so those that run are looked for in between.
      const behind = part?.endMillis ?? range.startMillis;
      const open = behind < top ? select({ startMillis: behind, endMillis: top }, after, limit, true) : [];
      const left = limit === undefined ? undefined : limit - open.length;
      const rows = part === undefined || left === 0 ? open : [...open, ...select(part, after, left)];
      const placed = rows.map((row) => ({
        id: row.id,
        startMillis: row.started_at ?? row.last_seen_at,
        endMillis: row.last_seen_at,
        place: { millis: row.last_seen_at, id: row.id },
        columns: row,
      }));
      const kept = keepCallers(context, "task_id", placed, filter.models);
      const isCutOff = limit !== undefined && rows.length === limit;
      const isLast = part === undefined || part.startMillis <= range.startMillis;
      return {
        rows: kept.map(({ columns, place }) => ({ row: toTaskRecord(context, columns), place })),
        next: isCutOff ? placed.at(-1)?.place : isLast ? undefined : placeBehind(part.startMillis),
      };
    });
  });
}
