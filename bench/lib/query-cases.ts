/** The questions whose answers are timed: every method, over all days and the last one, by filter and zone. */
import { addDays, createZoneCalendar, type TimeRange } from "@moai-metrics/model";
import type { MetricsQuery } from "@moai-metrics/store";
import type { Goal } from "./figures.ts";
import { ZONES } from "./query-stores.ts";
import { AGENTS, MODELS, PROJECTS, TEAMS, WORKLOAD_END_MILLIS, WORKLOAD_START_MILLIS } from "./workload.ts";

/** A question with the range, the filter and the zone that it is asked with. */
export interface QueryCase {
  readonly span: Span;
  readonly filter: Filter;
  readonly timeZone: string;
  ask(query: MetricsQuery): unknown;
  /** Asks once more and counts the rows of the answer; undefined where it has none. */
  countRows(query: MetricsQuery): number | undefined;
}

/** The cases of one question, and what the answers must take. */
export interface QuerySubject {
  readonly name: string;
  /** For the median of each case, in milliseconds. */
  readonly median?: Goal;
  /** For 99 of 100 answers of each case, in milliseconds. */
  readonly percentile99?: Goal;
  /** The same over all days as plain SQL over the ledger; every statement is read to its end. */
  readonly sql?: string | undefined;
  readonly cases: readonly QueryCase[];
}

type Span = "all days" | "last day";

interface Filter {
  readonly agents?: readonly string[];
  readonly models?: readonly string[];
  readonly projects?: readonly string[];
  readonly tags?: Readonly<Record<string, readonly string[]>>;
}

interface Asked extends Filter {
  readonly range: TimeRange;
}

const SPANS: readonly Span[] = ["all days", "last day"];
const UNFILTERED: Filter = {};
const AGENT: Filter = { agents: [AGENTS[1]] };
const MODEL: Filter = { models: [MODELS[0]] };
const PROJECT: Filter = { projects: PROJECTS.filter((path) => path.endsWith("/search-service")) };
const FACT_FILTERS = [UNFILTERED, AGENT, MODEL, PROJECT];
/** Tasks have no model of their own. */
const TASK_FILTERS = [UNFILTERED, AGENT, PROJECT];
const TAGGED: Filter = { tags: { team: [TEAMS[1]] } };

const UNDER_10 = { median: { bound: "under", value: 10 }, percentile99: { bound: "under", value: 25 } } as const;
const UNDER_20 = { median: { bound: "under", value: 20 } } as const;
const UNDER_250 = { median: { bound: "under", value: 250 } } as const;
const PAGE_ROWS = 1_000;

const UTC_DAY = "ended_at / 86400000";

/** Every question of the list and the rest of the methods. */
export const QUERY_SUBJECTS: readonly QuerySubject[] = [
  subject("summary", UNDER_10, FACT_FILTERS, (query, asked) => query.summary(asked), {
    sql: `SELECT (SELECT count(*) FROM task WHERE result IS NOT NULL), count(*), count(DISTINCT task_id), sum(input),
      sum(cache_read), sum(cache_write_5m), sum(cache_write_1h), sum(output), sum(cost_nano_usd) FROM model_call_fact`,
  }),
  subject(
    "top agents by cost",
    UNDER_10,
    FACT_FILTERS,
    (query, asked) => query.topAgents({ ...asked, measure: "cost" }),
    {
      sql: `SELECT task.agent_id, sum(call.cost_nano_usd) FROM model_call_fact AS call JOIN task ON task.id = call.task_id
      GROUP BY 1 ORDER BY 2 DESC`,
    },
  ),
  subject("top agents by 95th percentile of call duration", UNDER_10, FACT_FILTERS, (query, asked) =>
    query.topAgents({ ...asked, measure: "callDuration", function: "percentile", percentile: 0.95 }),
  ),
  subject("top agents by success rate", UNDER_10, TASK_FILTERS, (query, asked) =>
    query.topAgents({ ...asked, measure: "successRate" }),
  ),
  subject(
    "95th percentile of call duration",
    UNDER_10,
    FACT_FILTERS,
    (query, asked) => query.percentile({ ...asked, measure: "callDuration", percentile: 0.95 }),
    {
      sql: `SELECT duration_ms FROM model_call_fact WHERE duration_ms IS NOT NULL ORDER BY 1
      LIMIT 1 OFFSET (SELECT count(duration_ms) * 95 / 100 FROM model_call)`,
    },
  ),
  subject("95th percentile of task duration", UNDER_10, TASK_FILTERS, (query, asked) =>
    query.percentile({ ...asked, measure: "taskDuration", percentile: 0.95 }),
  ),
  subject(
    "average tokens of a call",
    UNDER_10,
    FACT_FILTERS,
    (query, asked) => query.average({ ...asked, measure: "tokens" }),
    {
      sql: "SELECT avg(input + cache_read + cache_write_5m + cache_write_1h + output) FROM model_call_fact",
    },
  ),
  subject(
    "days",
    UNDER_10,
    FACT_FILTERS,
    (query, asked, timeZone) =>
      query.aggregateByTime({ ...asked, timeZone, measure: "tokens", function: "sum", interval: "day" }),
    {
      sql: `SELECT ${UTC_DAY}, sum(input + cache_read + cache_write_5m + cache_write_1h + output)
      FROM model_call_fact GROUP BY 1`,
    },
  ),
  subject("weeks", UNDER_10, FACT_FILTERS, (query, asked, timeZone) =>
    query.aggregateByTime({ ...asked, timeZone, measure: "cost", function: "sum", interval: "week" }),
  ),
  subject("months", UNDER_10, FACT_FILTERS, (query, asked, timeZone) =>
    query.aggregateByTime({ ...asked, timeZone, measure: "callDuration", function: "avg", interval: "month" }),
  ),
  subject("days, 95th percentile of call duration by agent", UNDER_20, FACT_FILTERS, (query, asked, timeZone) =>
    query.aggregateByTime({
      ...asked,
      timeZone,
      measure: "callDuration",
      function: "percentile",
      percentile: 0.95,
      groupBy: ["agent"],
      interval: "day",
    }),
  ),
  subject(
    "hours",
    UNDER_20,
    FACT_FILTERS,
    (query, asked, timeZone) =>
      query.aggregateByTime({ ...asked, timeZone, measure: "tokens", function: "sum", interval: "hour" }),
    {
      sql: `SELECT ended_at / 3600000, sum(input + cache_read + cache_write_5m + cache_write_1h + output)
      FROM model_call_fact GROUP BY 1`,
    },
  ),
  subject(
    "hours by agent and model",
    UNDER_250,
    FACT_FILTERS,
    (query, asked, timeZone) =>
      query.aggregateByTime({
        ...asked,
        timeZone,
        measure: "tokens",
        function: "sum",
        groupBy: ["agent", "model"],
        interval: "hour",
      }),
    {
      sql: `SELECT ended_at / 3600000, task.agent_id, model_id,
      sum(call.input + call.cache_read + call.cache_write_5m + call.cache_write_1h + call.output)
      FROM model_call_fact AS call JOIN task ON task.id = call.task_id GROUP BY 1, 2, 3`,
    },
  ),
  subject("quarter-hours", UNDER_250, FACT_FILTERS, (query, asked, timeZone) =>
    query.aggregateByTime({ ...asked, timeZone, measure: "tokens", function: "sum", interval: "quarterHour" }),
  ),
  subject(
    "minutes of a day",
    UNDER_20,
    FACT_FILTERS,
    (query, asked, timeZone) =>
      query.aggregateByTime({ ...asked, timeZone, measure: "tokens", function: "sum", interval: "minute" }),
    {
      spans: ["last day"],
    },
  ),
  subject(
    `a page of ${PAGE_ROWS} newest tasks`,
    { median: UNDER_10.median },
    FACT_FILTERS,
    (query, asked) => query.getTasks({ ...asked, limit: PAGE_ROWS }),
    { zones: ["UTC"] },
  ),
  subject("agents", UNDER_10, FACT_FILTERS, (query, asked) => query.getAgents(asked)),
  subject("compare with the period before", UNDER_10, FACT_FILTERS, (query, asked) => query.compare(asked)),
  subject(
    "the 20 slowest tasks",
    UNDER_10,
    TASK_FILTERS,
    (query, asked) => query.slowestTasks({ ...asked, limit: 20 }),
    { zones: ["UTC"] },
  ),
  subject(
    "a page of 100 newest sessions",
    UNDER_10,
    FACT_FILTERS,
    (query, asked) => query.getSessions({ ...asked, limit: 100 }),
    { zones: ["UTC"] },
  ),
  subject(
    `a page of ${PAGE_ROWS} newest model calls`,
    UNDER_10,
    FACT_FILTERS,
    (query, asked) => query.getModelCalls({ ...asked, limit: PAGE_ROWS }),
    { zones: ["UTC"] },
  ),
  subject(
    `a page of ${PAGE_ROWS} newest tool calls`,
    UNDER_10,
    TASK_FILTERS,
    (query, asked) => query.getToolCalls({ ...asked, limit: PAGE_ROWS }),
    { zones: ["UTC"] },
  ),
  // Only the ledger knows tags: the time grows with what a filter leaves, so these have no goal.
  subject("summary by a tag", {}, [TAGGED], (query, asked) => query.summary(asked), {
    zones: ["UTC"],
    spans: ["last day"],
  }),
  subject(
    "days by a tag",
    {},
    [TAGGED],
    (query, asked, timeZone) =>
      query.aggregateByTime({ ...asked, timeZone, measure: "tokens", function: "sum", interval: "day" }),
    {
      zones: ["UTC"],
      spans: ["last day"],
    },
  ),
];

function subject(
  name: string,
  goals: Pick<QuerySubject, "median" | "percentile99">,
  filters: readonly Filter[],
  ask: (query: MetricsQuery, asked: Asked, timeZone: string) => object,
  options: { sql?: string; zones?: readonly string[]; spans?: readonly Span[] } = {},
): QuerySubject {
  const { sql, zones = ZONES, spans = SPANS } = options;
  const cases = spans.flatMap((span) =>
    zones.flatMap((timeZone) =>
      filters.map((filter): QueryCase => {
        const asked = { ...filter, range: rangeOf(span, timeZone) };
        return {
          span,
          filter,
          timeZone,
          ask: (query) => ask(query, asked, timeZone),
          countRows: (query) => rowsOf(ask(query, asked, timeZone))?.length,
        };
      }),
    ),
  );
  return { name, ...goals, sql, cases };
}

/** Where methods that answer with rows have them. */
const ROWS = ["rows", "buckets", "agents", "tasks"] as const;

function rowsOf(answer: Readonly<Partial<Record<(typeof ROWS)[number], unknown>>>): readonly unknown[] | undefined {
  return ROWS.map((name) => answer[name]).find((rows) => Array.isArray(rows));
}

/** Whole days of the zone: a user asks for days of their own. */
function rangeOf(span: Span, timeZone: string): TimeRange {
  const calendar = createZoneCalendar(timeZone);
  const lastDate = calendar.dateOf(WORKLOAD_END_MILLIS - 1);
  const firstDate = span === "last day" ? lastDate : calendar.dateOf(WORKLOAD_START_MILLIS);
  return { startMillis: calendar.startOf(firstDate), endMillis: calendar.startOf(addDays(lastDate, 1)) };
}
