/** Turns the flags of `query` into a question, and puts it. */
import { DAY_MILLIS, type TimeRange } from "@moai-metrics/model";
import {
  type AggregateFunction,
  defaultFunction,
  type FactFilter,
  type MetricsQuery,
  type Page,
} from "@moai-metrics/store";
import { UsageError } from "../errors.ts";
import { flagText, type MethodFlags, type QueryFlags, type QueryMethod } from "./flags.ts";

/** A question with everything that flags do not tell. */
export interface Asked {
  readonly flags: QueryFlags;
  /** Projects, agents, models and products by their whole names. */
  readonly names: Pick<FactFilter, "products" | "projects" | "agents" | "models">;
  readonly range: TimeRange | undefined;
  readonly timeZone: string;
  readonly nowMillis: number;
}

/** How many slow tasks are shown when no one says. */
const SLOWEST = 10;

const HOUR_MILLIS = 3_600_000;

/** Rows that are read at once when all of them are wanted. */
const PAGE_ROWS = 1_000;

/** Methods that answer in pages of rows. */
const ROW_METHODS = ["getTasks", "getSessions", "getModelCalls", "getToolCalls"] as const;
export type RowMethod = (typeof ROW_METHODS)[number];

export function isRowMethod(method: QueryMethod): method is RowMethod {
  return ROW_METHODS.some((name) => name === method);
}

/**
 * Answers in one piece. What the store refuses names the measure, function or filter and what to ask instead.
 * @throws UsageError when a flag is missing; RangeError when the store cannot honour one.
 */
export function ask(query: MetricsQuery, method: Exclude<QueryMethod, RowMethod>, asked: Asked): object {
  const { flags, range, timeZone, nowMillis } = asked;
  const filter = filterOf(asked);
  // The command line cannot know which combinations fit each other; the store checks them all.
  const put = (question: object): object => (query[method] as (question: object) => object)({ ...filter, ...question });
  switch (method) {
    case "getPoints":
      refuseOddPoints(asked);
      return put({
        ...needed(method, flags, "metric"),
        attributeTexts: attributesOf(flags),
        resolution: flags.resolution,
        limit: flags.limit,
        cursor: flags.cursor,
      });
    case "getAgents":
    case "summary":
      return put({});
    case "slowestTasks":
      return put({ limit: flags.limit ?? SLOWEST });
    case "percentile":
      return put({ ...needed(method, flags, "measure", "percentile"), groupBy: flags.groupBy });
    case "average":
      return put({ ...needed(method, flags, "measure"), groupBy: flags.groupBy });
    case "topAgents":
      return put({
        ...needed(method, flags, "measure"),
        ...functionOf(flags),
        order: flags.order,
        limit: flags.limit,
      });
    case "aggregateByTime":
      return put({
        ...needed(method, flags, "measure", "interval"),
        ...functionOf(flags, flags.measure === undefined ? undefined : defaultFunction(flags.measure)),
        groupBy: flags.groupBy,
        fill: flags.fill,
        timeZone,
        weekStart: flags.startOfWeek,
      });
    case "compare": {
      if (flags.unit === undefined) return put({ range: range ?? missingRange() });
      if (range !== undefined && flags.until === undefined) {
        throw new UsageError("query compare --unit takes --until, a day of the period; leave out --since and --last.");
      }
      const atMillis = range === undefined ? nowMillis : range.endMillis - 1;
      return put({ range: undefined, unit: flags.unit, atMillis, timeZone, weekStart: flags.startOfWeek });
    }
  }
}

/** Pages of rows, one after the other; only the first one with `--limit`. */
export function* askPages(query: MetricsQuery, method: RowMethod, asked: Asked): Generator<Page<object>> {
  const { limit } = asked.flags;
  let { cursor } = asked.flags;
  do {
    const question = { ...filterOf(asked), limit: limit ?? PAGE_ROWS, cursor };
    const page = (query[method] as (question: object) => Page<object>)(question);
    yield page;
    cursor = page.nextCursor;
  } while (limit === undefined && cursor !== undefined);
}

function filterOf({ flags, names, range }: Asked): FactFilter {
  return {
    ...names,
    range,
    sessionIds: flags.session,
    taskIds: flags.task,
    branches: flags.branch,
    kinds: flags.kind,
    results: flags.result,
    tools: flags.tool,
    errorTypes: flags.errorType,
    tags: flags.tag,
  };
}

function needed(method: QueryMethod, flags: MethodFlags, ...names: readonly (keyof MethodFlags)[]): object {
  const missing = names.find((name) => flags[name] === undefined);
  if (missing !== undefined) throw new UsageError(`query ${method} needs ${flagText(missing)}.`);
  return Object.fromEntries(names.map((name) => [name, flags[name]]));
}

/** A percentile needs no function beside it. @throws UsageError for another function, which would leave it out. */
function functionOf({ function: wanted, percentile }: MethodFlags, otherwise?: AggregateFunction): object {
  if (wanted !== undefined && wanted !== "percentile" && percentile !== undefined) {
    throw new UsageError(`--percentile goes with --function percentile, not ${wanted}. Leave one of them out.`);
  }
  if (wanted !== undefined) return { function: wanted, percentile };
  return percentile === undefined ? { function: otherwise } : { function: "percentile", percentile };
}

/** An attribute has one value, so it is asked for by one. */
function attributesOf({ attribute }: MethodFlags): Readonly<Record<string, string>> | undefined {
  if (attribute === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(attribute).map(([key, values]) => {
      const [value = "", another] = values;
      if (another === undefined) return [key, value];
      throw new UsageError(`--attribute ${key} was given twice: a point has one value of it.`);
    }),
  );
}

/** Hours and days of points can only be asked for as they are kept. @throws UsageError for edges inside of one. */
function refuseOddPoints({ flags: { resolution }, range, timeZone }: Asked): void {
  if (resolution === undefined || resolution === "point" || range === undefined) return;
  const millis = resolution === "day" ? DAY_MILLIS : HOUR_MILLIS;
  if (range.startMillis % millis === 0 && range.endMillis % millis === 0) return;
  throw new UsageError(
    `query getPoints --resolution ${resolution}: ${resolution}s of points are kept in UTC, and days in ${timeZone} begin ` +
      `inside of one. Add -z UTC, or leave out --since, --until and --last, or --resolution for single points.`,
  );
}

function missingRange(): never {
  throw new UsageError("query compare needs a range (--since, --until or --last), or --unit day, week or month.");
}
