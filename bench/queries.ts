/**
 * How long answers take: every method over all days and the last one, unfiltered and filtered by an agent, a model or a
 * project, in UTC and two other zones, at 100,000 and 1,000,000 tasks in turn in one warm process. Beside them, once,
 * the same as plain SQL over the ledger. Goals are about the time that passes; the processor's time beside it tells what
 * of that is the machine's other work. Where the answer itself has more rows at 1,000,000 tasks, the growth for each row
 * stands beside the growth.
 */
import { type MetricsQuery, openStore } from "@moai-metrics/store";
import Database from "better-sqlite3";
import { report } from "./lib/figures.ts";
import { scaleOfProcess } from "./lib/options.ts";
import { QUERY_SUBJECTS, type QueryCase, type QuerySubject } from "./lib/query-cases.ts";
import { provideStore } from "./lib/query-stores.ts";
import { median, percentile } from "./lib/statistics.ts";
import { tasksAtScale } from "./lib/workload.ts";

const LARGE = 1_000_000;
const SMALL = 100_000;
const WARM_UPS = 3;
const MIN_RUNS = 40;
const MAX_RUNS = 100;
/** A case that has its least number of runs stops after this long. */
const MAX_CASE_MILLIS = 1_500;
const MAX_GROWTH = 2;

const scale = scaleOfProcess();
const largePath = await provideStore(tasksAtScale(LARGE, scale));
const smallPath = await provideStore(tasksAtScale(SMALL, scale));
using large = openStore({ path: largePath, readOnly: true });
using small = openStore({ path: smallPath, readOnly: true });
const sql = new Database(largePath, { readonly: true });

const { totalTasks = 0 } = large.query.summary({});
// The workload's seeds have 32 bits, so a few tasks of a million share their id.
const missingShare = 1 - totalTasks / tasksAtScale(LARGE, scale);
if (missingShare < 0 || missingShare > 0.001) throw new Error(`The store says it holds ${totalTasks} tasks.`);

for (const subject of QUERY_SUBJECTS) {
  const times = (["all days", "last day"] as const).flatMap((span) => {
    const cases = subject.cases.filter((each) => each.span === span);
    return cases.length === 0 ? [] : benchCases(subject, span, cases);
  });
  report({
    name: `${subject.name}: growth over ten times the tasks`,
    unit: "×",
    values: times.map(({ growth }) => growth),
    judgedBy: "worst",
    goal: subject.median === undefined ? undefined : { bound: "under", value: MAX_GROWTH },
  });
  reportRows(subject, times);
}
sql.close();

interface CaseTimes {
  readonly median: number;
  /** Median of the processor's time. */
  readonly processorMedian: number;
  readonly percentile99: number;
  /** The processor's time that 99 of 100 answers stay within. */
  readonly processorPercentile99: number;
  /** Median at 1,000,000 tasks by median at 100,000. */
  readonly growth: number;
  /** The same of the number of rows of the answer; undefined where it has none. */
  readonly rowGrowth: number | undefined;
}

/** Reports how the rows of answers grow, and the times for each of them, where there is any case in which they do. */
function reportRows(subject: QuerySubject, times: readonly CaseTimes[]): void {
  const withRows = times.flatMap(({ growth, rowGrowth }) => (rowGrowth === undefined ? [] : [{ growth, rowGrowth }]));
  if (withRows.every(({ rowGrowth }) => rowGrowth === 1)) return;
  report({
    name: `${subject.name}: growth of the number of rows of the answer`,
    unit: "×",
    values: withRows.map(({ rowGrowth }) => rowGrowth),
    judgedBy: "worst",
  });
  report({
    name: `${subject.name}: growth for each row of the answer`,
    unit: "×",
    values: withRows.map(({ growth, rowGrowth }) => growth / rowGrowth),
    judgedBy: "worst",
  });
}

/** Reports how long the cases take. */
function benchCases(subject: QuerySubject, span: string, cases: readonly QueryCase[]): CaseTimes[] {
  const times = cases.map(timeCase);
  const name = `${subject.name}, ${span}`;
  const sqlMillis = subject.sql === undefined || span === "last day" ? undefined : timeSql(subject.sql);
  const medians = times.map((each) => each.median);
  report({
    name: `${name}: medians of ${cases.length} cases`,
    unit: "ms",
    values: medians,
    judgedBy: "worst",
    goal: subject.median,
    ratio: sqlMillis === undefined ? undefined : { value: median(medians) / sqlMillis, to: "plain SQL" },
  });
  report({
    name: `${name}: processor time of the medians`,
    unit: "ms",
    values: times.map(({ processorMedian }) => processorMedian),
    judgedBy: "worst",
  });
  report({
    name: `${name}: 99 of 100 answers`,
    unit: "ms",
    values: times.map(({ percentile99 }) => percentile99),
    judgedBy: "worst",
    goal: subject.percentile99,
  });
  if (subject.percentile99 !== undefined) {
    report({
      name: `${name}: processor time of 99 of 100 answers`,
      unit: "ms",
      values: times.map(({ processorPercentile99 }) => processorPercentile99),
      judgedBy: "worst",
    });
  }
  return times;
}

function timeCase(each: QueryCase): CaseTimes {
  for (let i = 0; i < WARM_UPS; i++) {
    timeAnswer(each, small.query);
    timeAnswer(each, large.query);
  }
  const smallTimes: number[] = [];
  const largeTimes: number[] = [];
  const processorTimes: number[] = [];
  const startedAt = performance.now();
  while (
    largeTimes.length < MIN_RUNS ||
    (largeTimes.length < MAX_RUNS && performance.now() - startedAt < MAX_CASE_MILLIS)
  ) {
    smallTimes.push(timeAnswer(each, small.query));
    const processorBefore = process.cpuUsage();
    largeTimes.push(timeAnswer(each, large.query));
    const { user, system } = process.cpuUsage(processorBefore);
    processorTimes.push((user + system) / 1_000);
  }
  const middle = median(largeTimes);
  return {
    median: middle,
    processorMedian: median(processorTimes),
    percentile99: percentile(largeTimes, 99),
    processorPercentile99: percentile(processorTimes, 99),
    growth: middle / median(smallTimes),
    rowGrowth: compareRows(each.countRows(small.query), each.countRows(large.query)),
  };
}

function compareRows(before: number | undefined, after: number | undefined): number | undefined {
  return before === undefined || after === undefined || before === 0 ? undefined : after / before;
}

function timeAnswer(each: QueryCase, query: MetricsQuery): number {
  const startedAt = performance.now();
  each.ask(query);
  return performance.now() - startedAt;
}

function timeSql(statement: string): number {
  const prepared = sql.prepare(statement);
  const startedAt = performance.now();
  prepared.all();
  return performance.now() - startedAt;
}
