/** All questions to one store. */
import type { Database } from "better-sqlite3";
import { readAgents } from "./agents.ts";
import { readModelCalls, readToolCalls } from "./calls.ts";
import { createQueryContext } from "./context.ts";
import { createPointsQuery } from "./points.ts";
import { readSessions } from "./sessions.ts";
import { readSlowestTasks } from "./slowest-tasks.ts";
import { readComparison, readSummary } from "./summary.ts";
import { readTasks } from "./tasks.ts";
import { aggregateByTime } from "./time-series.ts";
import type { MetricsQuery } from "./types.ts";
import { readAverage, readPercentile, readTopAgents } from "./values.ts";

/** Creates the questions of an open file; statements are prepared on first use and kept. */
export function createMetricsQuery(database: Database): MetricsQuery {
  const context = createQueryContext(database);
  // Reading points needs more than most questions: it waits for the first of its own.
  let readPoints: ReturnType<typeof createPointsQuery> | undefined;
  return {
    getPoints: (question) => {
      readPoints ??= createPointsQuery(database);
      return readPoints(question);
    },
    getTasks: (question) => readTasks(context, question),
    getAgents: (question) => readAgents(context, question),
    getSessions: (question) => readSessions(context, question),
    getModelCalls: (question) => readModelCalls(context, question),
    getToolCalls: (question) => readToolCalls(context, question),
    aggregateByTime: (question) => aggregateByTime(context, question),
    percentile: (question) => readPercentile(context, question),
    average: (question) => readAverage(context, question),
    topAgents: (question) => readTopAgents(context, question),
    slowestTasks: (question) => readSlowestTasks(context, question),
    summary: (question) => readSummary(context, question),
    compare: (question) => readComparison(context, question),
  };
}
