/** `summary` and `compare`: everything on one page, and against the page before. */
import { type TimeRange, totalTokens } from "@moai-metrics/model";
import { collectViews } from "./collect.ts";
import type { QueryContext } from "./context.ts";
import { requireFilter } from "./filter-rules.ts";
import {
  callFigures,
  isAboutCallsOnly,
  overallError,
  planOverall,
  planPresence,
  taskFigures,
  toolFigures,
} from "./overall.ts";
import type {
  AnswerOrigin,
  CompareAnswer,
  CompareQuestion,
  Difference,
  OverallQuestion,
  SummaryAnswer,
  SummaryFigures,
} from "./types.ts";
import { wholeRange } from "./values.ts";

/** @throws RangeError for what cannot be honoured. */
export function readSummary(context: QueryContext, question: OverallQuestion, method = "summary"): SummaryAnswer {
  const filter = requireFilter(method, "overall", question);
  const { signal } = question;
  signal?.throwIfAborted();
  return context.inOneState(() => {
    const shared = { method, ...wholeRange(context, filter), filter, signal };
    const presence = planPresence(filter);
    const [{ cells, source }, byAgent] = collectViews(context, shared, [
      { groupBy: [], want: planOverall(filter) },
      { groupBy: ["agent"], want: presence },
    ]);
    const uniqueAgents = byAgent.cells.filter(
      (each) => each.key[0] !== "" && presence.sums.some((name) => each.sum(name) > 0),
    ).length;
    const [cell] = cells;
    const calls = callFigures(cell);
    const tasks = isAboutCallsOnly(filter) ? undefined : taskFigures(cell);
    const tools = isAboutCallsOnly(filter) ? undefined : toolFigures(cell);
    return {
      totalTasks: tasks?.ended,
      successfulTasks: tasks?.byResult.success,
      failedTasks: tasks?.byResult.failure,
      timedOutTasks: tasks?.byResult.timeout,
      cancelledTasks: tasks?.byResult.cancelled,
      unknownTasks: tasks?.byResult.unknown,
      successRate: tasks?.successRate,
      avgDurationMillis: tasks?.averageMillis,
      p50DurationMillis: tasks?.p50Millis,
      p95DurationMillis: tasks?.p95Millis,
      p99DurationMillis: tasks?.p99Millis,
      avgTokensPerTask: tasks?.averageTokens,
      totalTokensUsed: totalTokens(calls.tokens),
      uniqueAgents,
      totalCalls: calls.calls,
      totalCallErrors: calls.callErrors,
      callsWithoutUsage: calls.callsWithoutUsage,
      costNanoUsd: calls.costNanoUsd,
      reportedCostNanoUsd: calls.reportedCostNanoUsd,
      computedCostNanoUsd: calls.costNanoUsd - calls.reportedCostNanoUsd,
      unpricedCalls: calls.unpricedCalls,
      totalToolCalls: tools?.toolCalls,
      totalToolErrors: tools?.toolErrors,
      tokens: calls.tokens,
      source,
      relativeError: overallError(cells, filter),
    };
  });
}

/** @throws RangeError for what cannot be honoured. */
export function readComparison(context: QueryContext, question: CompareQuestion): CompareAnswer {
  const { current, previous } = planComparison(context, question);
  const filter = requireFilter("compare", "overall", { ...question, range: current });
  const { signal } = question;
  return context.inOneState(() => {
    const now = readSummary(context, { ...filter, signal }, "compare");
    const before = readSummary(context, { ...filter, range: previous, signal }, "compare");
    return {
      current,
      previous,
      source: joinSources(now.source, before.source),
      relativeError: Math.max(now.relativeError, before.relativeError),
      differences: compareFigures(now, before),
    };
  });
}

/** The two ranges of a comparison. */
function planComparison(
  context: QueryContext,
  question: CompareQuestion,
): { readonly current: TimeRange; readonly previous: TimeRange } {
  if (question.unit === undefined) {
    const { range } = question;
    if (range === undefined) {
      throw new RangeError("compare needs a range, or a unit (day, week or month) and a moment in it.");
    }
    const { startMillis, endMillis } = range;
    return { current: range, previous: { startMillis: 2 * startMillis - endMillis, endMillis: startMillis } };
  }
  const { unit, atMillis, timeZone = "UTC", weekStart } = question;
  const calendar = context.calendarOf(timeZone);
  const periodAt = (millis: number): TimeRange => {
    const [period] = calendar.periods({ startMillis: millis, endMillis: millis + 1 }, unit, weekStart);
    if (period === undefined) throw new RangeError(`compare needs whole milliseconds in atMillis, not ${millis}.`);
    return { startMillis: period.startMillis, endMillis: period.endMillis };
  };
  const current = periodAt(atMillis);
  return { current, previous: periodAt(current.startMillis - 1) };
}

function joinSources(a: AnswerOrigin["source"], b: AnswerOrigin["source"]): AnswerOrigin["source"] {
  return a === b ? a : "rollups and ledger";
}

const FIGURES = [
  "totalTasks",
  "successfulTasks",
  "failedTasks",
  "timedOutTasks",
  "cancelledTasks",
  "unknownTasks",
  "successRate",
  "avgDurationMillis",
  "p50DurationMillis",
  "p95DurationMillis",
  "p99DurationMillis",
  "avgTokensPerTask",
  "totalTokensUsed",
  "uniqueAgents",
  "totalCalls",
  "totalCallErrors",
  "callsWithoutUsage",
  "costNanoUsd",
  "reportedCostNanoUsd",
  "computedCostNanoUsd",
  "unpricedCalls",
  "totalToolCalls",
  "totalToolErrors",
] as const satisfies readonly (keyof SummaryFigures)[];

function compareFigures(now: SummaryFigures, before: SummaryFigures): Record<keyof SummaryFigures, Difference> {
  return Object.fromEntries(FIGURES.map((name) => [name, differenceOf(now[name], before[name])])) as Record<
    keyof SummaryFigures,
    Difference
  >;
}

function differenceOf(current: number | undefined, previous: number | undefined): Difference {
  const absolute = current === undefined || previous === undefined ? undefined : current - previous;
  const relative = absolute === undefined || !previous ? undefined : absolute / previous;
  return { current, previous, absolute, relative };
}
