/**
 * Expressions of PromQL. What grew in a stretch of time is the last value less the one before the stretch: the daemon's
 * counters never fall, so this is exact, where `increase()` extrapolates; and it holds for a history that was filled in
 * with few samples. A series without an earlier value began in the stretch, or Prometheus did not know it before: then
 * its least value is where it began.
 */
import type { MetricKey } from "../../packages/model/src/index.ts";
import { type HistogramPart, histogramName, LABELS, type Label, nameOf } from "./metric-names.ts";

/** The dashboard's period, a number of hours. */
export const PERIOD = `\${period}h`;

const WEEK = "168h";

/** Series of a metric. */
export interface Selection {
  readonly name: string;
  readonly matchers: readonly string[];
}

const OF_WORK: readonly Label[] = ["product", "project", "agent"];

/** A counter or gauge of tasks and tools, as the dashboard's variables choose. */
export function ofWork(key: MetricKey, ...matchers: readonly string[]): Selection {
  return { name: nameOf(key), matchers: [...OF_WORK.map(chosen), ...matchers] };
}

/** A counter of model calls, as the dashboard's variables choose. */
export function ofCalls(key: MetricKey): Selection {
  return { name: nameOf(key), matchers: [...OF_WORK, "model" as const].map(chosen) };
}

/** A part of a histogram of tasks or tools. */
export function partOfWork(key: MetricKey, part: HistogramPart, ...matchers: readonly string[]): Selection {
  return { name: histogramName(key, part), matchers: [...OF_WORK.map(chosen), ...matchers] };
}

/** A part of a histogram of model calls. */
export function partOfCalls(key: MetricKey, part: HistogramPart): Selection {
  return { name: histogramName(key, part), matchers: [...OF_WORK, "model" as const].map(chosen) };
}

/** A gauge of projects. */
export function ofProjects(key: MetricKey): Selection {
  return { name: nameOf(key), matchers: [chosen("project")] };
}

/** Tokens and cost: how much of a budget they have used up is a share. Whatever is chosen. */
export function ofBudgets(key: "budgetLimit" | "budgetUsage"): Selection {
  return { name: nameOf(key), matchers: [`${LABELS.budgetMeasure}=~"tokens|cost_usd"`] };
}

/** Tasks with one of these results. */
export function withResult(...results: readonly string[]): string {
  return results.length === 1 ? `${LABELS.result}="${results[0]}"` : `${LABELS.result}=~"${results.join("|")}"`;
}

/** What failed. */
export const FAILED: string = `${LABELS.error}!=""`;

/** Results that count for the success rate. */
const JUDGED: readonly string[] = ["success", "failure", "timeout"];

function chosen(label: Label): string {
  return `${LABELS[label]}=~"$${label}"`;
}

/** A selection as text. */
export function select({ name, matchers }: Selection): string {
  return matchers.length === 0 ? name : `${name}{${matchers.join(",")}}`;
}

/** What each series grew by in the last `stretch`. */
export function grown(selection: Selection, stretch: string = PERIOD): string {
  const series = select(selection);
  return `(last_over_time(${series}[${stretch}]) - (last_over_time(${series}[${stretch}] offset ${stretch}) or min_over_time(${series}[${stretch}])))`;
}

/** What each series grew by in the stretch before the last one, as far as Prometheus knows it. */
export function grownBefore(selection: Selection, stretch: string = PERIOD): string {
  const series = select(selection);
  return `(last_over_time(${series}[${stretch}] offset ${stretch}) - min_over_time(${series}[${stretch}] offset ${stretch}))`;
}

/** What each series grew by on the day that begins at each point. */
export function grownOnDay(selection: Selection): string {
  const series = select(selection);
  return `(last_over_time(${series}[1d] offset -1d) - (last_over_time(${series}[1d]) or min_over_time(${series}[1d] offset -1d)))`;
}

/** How fast each series grows, a second. */
export function rate(selection: Selection): string {
  return `rate(${select(selection)}[$__rate_interval])`;
}

/** How selections grow. */
export type Growth = (selection: Selection) => string;

/** A sum, by labels. */
export function sum(expression: string, ...by: readonly Label[]): string {
  return by.length === 0 ? `sum(${expression})` : `sum by (${labels(by)}) (${expression})`;
}

/** The sum of several metrics, of which a group need not have all. */
export function sumOfAll(growth: Growth, selections: readonly Selection[], ...by: readonly Label[]): string {
  return sum(together(selections.map((each) => growth(each))), ...by);
}

/** Series of several expressions side by side, also where they have the same labels. */
export function together(expressions: readonly string[]): string {
  return expressions.map((each, i) => `label_replace(${each}, "part", "${i}", "", "")`).join(" or ");
}

/** Tokens in all: cached ones are part of the input, reasoning of the output. */
export function tokens(growth: Growth, ...by: readonly Label[]): string {
  return sumOfAll(growth, [ofCalls("inputTokens"), ofCalls("outputTokens")], ...by);
}

/** A share or an average; nothing where there is nothing to divide by. */
export function ratio(above: string, below: string): string {
  return `${above} / (${below} > 0)`;
}

/** Successful tasks among those that count, by labels; 0 where none was successful. */
export function successRate(growth: Growth, ...by: readonly Label[]): string {
  const judged = sum(growth(ofWork("taskCount", withResult(...JUDGED))), ...by);
  const good = sum(growth(ofWork("taskCount", withResult("success"))), ...by);
  return ratio(`(${good} or 0 * ${judged})`, judged);
}

/** The mean of a histogram. */
export function average(growth: Growth, of: (part: HistogramPart) => Selection, ...by: readonly Label[]): string {
  return ratio(sum(growth(of("sum")), ...by), sum(growth(of("count")), ...by));
}

/** A quantile of a histogram, between the limits of the bucket that it falls into. */
export function quantile(
  q: number,
  growth: Growth,
  of: (part: HistogramPart) => Selection,
  ...by: readonly Label[]
): string {
  return `histogram_quantile(${q}, sum by (${["le", ...by.map((label) => LABELS[label])].join(", ")}) (${growth(of("bucket"))}))`;
}

/** The change against what was before, as a share of it. */
export function change(now: string, before: string): string {
  return `(${now}) / ((${before}) > 0) - 1`;
}

/** The last seven days, whatever the period. */
export function grownInWeek(selection: Selection): string {
  return grown(selection, WEEK);
}

function labels(by: readonly Label[]): string {
  return by.map((label) => LABELS[label]).join(", ");
}

/** A part of the durations of tasks. */
export function ofTaskDuration(part: HistogramPart): Selection {
  return partOfWork("taskDuration", part);
}
