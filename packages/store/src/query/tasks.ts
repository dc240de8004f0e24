/** `getTasks`: tasks, newest last sign of life first. */
import type { TimeRange } from "@moai-metrics/model";
import { joinConditions } from "../read/filters.ts";
import { createActiveTimes } from "./active-times.ts";
import { keepCallers } from "./called-models.ts";
import type { QueryContext } from "./context.ts";
import { requireFilter } from "./filter-rules.ts";
import { type Place, placeBehind } from "./paging.ts";
import { type Batch, readPage } from "./read-pages.ts";
import { findScope, planSelection, type Selection } from "./selection.ts";
import {
  selectTasks,
  selectTasksOf,
  selectTaskTimes,
  type TaskColumns,
  type TaskTimes,
  toTaskRecord,
} from "./task-records.ts";
import type { Page, PageQuestion, TaskFilter, TaskRecord } from "./types.ts";

const METHOD = "getTasks";
const NEWEST_FIRST = "fact.last_seen_at DESC, fact.id DESC";
const EVERYTHING = { startMillis: 0, endMillis: Number.MAX_SAFE_INTEGER };

/** A filter by model looks at calls, so it reads some tasks at once: about as many as the wanted ones are among. */
const MIN_TASKS_AT_ONCE = 200;
const MAX_TASKS_AT_ONCE = 4_000;
/** A little more than that, so that it need not look for the last few. */
const MARGIN = 1.2;

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
    /** The next rows behind a place, and where those behind them begin. */
    const find = <Row extends TaskTimes>(
      selectRows: (context: QueryContext, selection: Selection, order: string, limit: number | undefined) => Row[],
      after: Place | undefined,
      limit: number | undefined,
    ): { readonly rows: readonly Row[]; readonly next: Place | undefined } => {
      const select = (part: TimeRange, atMost: number | undefined, isOpen = false): Row[] => {
        const { joins, where: matching } = planSelection("tasks", filter, scope, part);
        const where = joinConditions([
          matching,
          ...(after === undefined
            ? []
            : [{ condition: "(fact.last_seen_at, fact.id) < (?, ?)", parameters: [after.millis, after.id] }]),
          ...(isOpen ? [{ condition: "fact.result IS NULL", parameters: [] }] : []),
        ]);
        return selectRows(context, { joins, where }, NEWEST_FIRST, atMost);
      };
      const top = after === undefined ? range.endMillis : Math.min(range.endMillis, after.millis + 1);
      const part = times === undefined ? { ...range, endMillis: top } : times.before(top, limit);
      // Rollups know ended tasks only, so those that run are looked for in between.
      const behind = part?.endMillis ?? range.startMillis;
      const open = behind < top ? select({ startMillis: behind, endMillis: top }, limit, true) : [];
      const left = limit === undefined ? undefined : limit - open.length;
      const rows = part === undefined || left === 0 ? open : [...open, ...select(part, left)];
      const isCutOff = limit !== undefined && rows.length === limit;
      const isLast = part === undefined || part.startMillis <= range.startMillis;
      const last = rows.at(-1);
      if (isCutOff && last !== undefined) return { rows, next: placeOf(last) };
      return { rows, next: isLast ? undefined : placeBehind(part.startMillis) };
    };
    // Half of the tasks, as long as nothing is known of the model.
    let looked = 2;
    let found = 1;
    const toPlacedRow = (row: TaskColumns) => ({ row: toTaskRecord(context, row), place: placeOf(row) });

    return readPage(context, METHOD, filter, question, (after, wanted): Batch<TaskRecord> => {
      if (filter.models === undefined) {
        const { rows, next } = find(selectTasks, after, wanted);
        return { rows: rows.map(toPlacedRow), next };
      }
      const { rows, next } = find(selectTaskTimes, after, tasksAtOnce(found / looked, wanted));
      const callers = rows.map(({ id, started_at, last_seen_at }) => ({
        id,
        startMillis: started_at ?? last_seen_at,
        endMillis: last_seen_at,
      }));
      const kept = keepCallers(context, "task_id", callers, filter.models);
      looked += rows.length;
      found += kept.length;
      const shown = kept.slice(0, wanted).map(({ id }) => id);
      const whole = selectTasksOf(context, shown);
      return { rows: shown.flatMap((id) => whole.get(id) ?? []).map(toPlacedRow), next };
    });
  });
}

function placeOf({ id, last_seen_at }: TaskTimes): Place {
  return { millis: last_seen_at, id };
}

/** @param share of the tasks that are wanted. */
function tasksAtOnce(share: number, wanted = MAX_TASKS_AT_ONCE): number {
  return Math.min(MAX_TASKS_AT_ONCE, Math.max(MIN_TASKS_AT_ONCE, Math.ceil((MARGIN * wanted) / share)));
}
