/** `getSessions`: sessions, the one that ended last first. */
import type { TimeRange } from "@moai-metrics/model";
import { activeMillis, clipActivity, decodeActivity } from "../merge/activity.ts";
import { type Condition, joinConditions, planNameFilter, planTextFilter } from "../read/filters.ts";
import { TOTALS, type TotalsRow } from "../write/totals.ts";
import { keepCallers } from "./called-models.ts";
import type { QueryContext } from "./context.ts";
import { requireFilter } from "./filter-rules.ts";
import { type Batch, readPage } from "./read-pages.ts";
import { findScope, type Scope } from "./selection.ts";
import { totalFigures } from "./task-records.ts";
import type { FactFilter, Page, PageQuestion, SessionFilter, SessionRecord } from "./types.ts";

const METHOD = "getSessions";
/**
 * Sessions that are read together when some are sifted out afterwards: a few more than wanted, within limits. Of those
 * that were there in a range nearly all were active in it, and most call each of their models.
 */
const MIN_SESSIONS_AT_ONCE = 100;
const MAX_SESSIONS_AT_ONCE = 1_000;
const MARGIN = 1.1;

interface SessionColumns extends TotalsRow {
  readonly id: number;
  readonly product_id: number;
  readonly session_key: string;
  readonly project_id: number;
  readonly branch_id: number;
  readonly version_id: number;
  readonly started_at: number;
  readonly ended_at: number;
  readonly has_ended: number;
  readonly activity: string;
}

const COLUMNS = [
  ...["id", "product_id", "session_key", "project_id", "branch_id", "version_id", "started_at", "ended_at"],
  ...["has_ended", "activity", ...TOTALS],
].map((column) => `session.${column}`);

/** @throws RangeError for what cannot be honoured. */
export function readSessions(context: QueryContext, question: SessionFilter & PageQuestion): Page<SessionRecord> {
  const filter = requireFilter(METHOD, "sessions", question);
  question.signal?.throwIfAborted();
  return context.inOneState(() => {
    const where = planSessions(filter, findScope(context, filter));
    // Whether a session was active in a range, or called a model, shows only after its row was read.
    const isSifted = filter.range !== undefined || filter.models !== undefined;
    return readPage(context, METHOD, filter, question, (after, wanted): Batch<SessionRecord> => {
      const limit = isSifted ? sessionsAtOnce(wanted) : wanted;
      const behind = {
        condition: "(session.ended_at, session.id) < (?, ?)",
        parameters: after === undefined ? [] : [after.millis, after.id],
      };
      const condition = after === undefined ? where : joinConditions([where, behind]);
      const sql = `SELECT ${COLUMNS.join(", ")} FROM session WHERE ${condition.condition}
        ORDER BY session.ended_at DESC, session.id DESC LIMIT ?`;
      const rows = context.statement(sql).all(...condition.parameters, limit ?? -1) as SessionColumns[];
      const placed = rows.map((columns) => ({
        id: columns.id,
        startMillis: columns.started_at,
        endMillis: columns.ended_at,
        place: { millis: columns.ended_at, id: columns.id },
        columns,
      }));
      const active = placed.filter(({ columns }) => isActiveIn(columns.activity, filter));
      const kept = keepCallers(context, "session_id", active, filter.models).slice(0, wanted);
      const tagsOf = readTags(context, kept);
      return {
        rows: kept.map(({ columns, place }) => ({
          row: toRecord(context, columns, filter.range, tagsOf(columns.id)),
          place,
        })),
        next: limit !== undefined && rows.length === limit ? placed.at(-1)?.place : undefined,
      };
    });
  });
}

function sessionsAtOnce(wanted = MAX_SESSIONS_AT_ONCE): number {
  return Math.min(MAX_SESSIONS_AT_ONCE, Math.max(MIN_SESSIONS_AT_ONCE, Math.ceil(MARGIN * wanted)));
}

/** True of every session: only statements that say so may use `session_by_project`. */
const BY_PROJECT: Condition = { condition: "session.ended_at >= 0", parameters: [] };

function planSessions(filter: FactFilter, scope: Scope): Condition {
  const { startMillis, endMillis } = filter.range ?? { startMillis: 0, endMillis: Number.MAX_SAFE_INTEGER };
  const tasks = joinConditions([
    { condition: "task.session_id = session.id", parameters: [] },
    planNameFilter("task.agent_id", filter.agents),
    planTextFilter("coalesce(task.kind, '')", filter.kinds),
    planTextFilter("coalesce(task.result, 'open')", filter.results),
    ...(scope.tasks === undefined
      ? []
      : [{ condition: "task.id IN (SELECT value FROM json_each(?))", parameters: [scope.tasks] }]),
  ]);
  const hasTask = { condition: `EXISTS (SELECT 1 FROM task WHERE ${tasks.condition})`, parameters: tasks.parameters };
  const isAboutTasks = [filter.agents, filter.kinds, filter.results, scope.tasks].some((asked) => asked !== undefined);
  return joinConditions([
    { condition: "session.started_at < ? AND session.ended_at >= ?", parameters: [endMillis, startMillis] },
    planNameFilter("session.product_id", filter.products),
    planNameFilter("session.project_id", filter.projects),
    ...(scope.sessions === undefined
      ? [BY_PROJECT]
      : [{ condition: "session.id IN (SELECT value FROM json_each(?))", parameters: [scope.sessions] }]),
    ...(isAboutTasks ? [hasTask] : []),
  ]);
}

function isActiveIn(activity: string, { range }: FactFilter): boolean {
  if (range === undefined) return true;
  return decodeActivity(activity).some(
    ({ startMillis, endMillis }) => startMillis < range.endMillis && endMillis >= range.startMillis,
  );
}

function readTags(
  context: QueryContext,
  sessions: readonly { readonly id: number }[],
): (id: number) => SessionRecord["tags"] {
  const rows = context
    .statement(
      "SELECT session_id, key_id, value_id FROM session_tag WHERE session_id IN (SELECT value FROM json_each(?))",
    )
    .all(JSON.stringify(sessions.map(({ id }) => id))) as { session_id: number; key_id: number; value_id: number }[];
  const bySession = Map.groupBy(rows, ({ session_id }) => session_id);
  return (id) =>
    Object.fromEntries(
      (bySession.get(id) ?? [])
        .map(({ key_id, value_id }) => [context.nameOf(key_id), context.nameOf(value_id)] as const)
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
}

function toRecord(
  context: QueryContext,
  row: SessionColumns,
  range: TimeRange | undefined,
  tags: SessionRecord["tags"],
): SessionRecord {
  const activity = decodeActivity(row.activity);
  return {
    product: context.nameOf(row.product_id),
    sessionId: row.session_key,
    project: context.nameOf(row.project_id),
    branch: context.nameOf(row.branch_id),
    version: context.nameOf(row.version_id),
    tags,
    startedAtMillis: row.started_at,
    endedAtMillis: row.ended_at,
    wallMillis: row.ended_at - row.started_at,
    activeMillis: activeMillis(activity),
    activeInRangeMillis: activeMillis(range === undefined ? activity : clipActivity(activity, range)),
    hasEnded: row.has_ended === 1,
    ...totalFigures(row),
  };
}
