/** `percentile`, `average`, `topAgents`: one value over all facts of the range, and one per group. */
import type { TimeRange } from "@moai-metrics/model";
import type { Dimension } from "../read/types.ts";
import { type Collected, collectViews } from "./collect.ts";
import type { QueryContext } from "./context.ts";
import { requireFilter } from "./filter-rules.ts";
import { compareKeys, namesOf, requireGroups } from "./groups.ts";
import { hasFacts, type MeasuredValue, measure, planWant } from "./measure-value.ts";
import { type AggregateFunction, defaultFunction, type Measure, requireMeasure } from "./measures.ts";
import { requireLimit } from "./paging.ts";
import { requirePercentile } from "./quantile.ts";
import { readSpan } from "./span.ts";
import type {
  AnswerOrigin,
  AverageQuestion,
  FactFilter,
  GroupValue,
  PercentileQuestion,
  TopAgentsAnswer,
  TopAgentsQuestion,
  ValueAnswer,
} from "./types.ts";

/** @throws RangeError for what cannot be honoured. */
export function readPercentile(context: QueryContext, question: PercentileQuestion): ValueAnswer {
  const percentile = requirePercentile(question.percentile);
  return readValue(context, { ...question, method: "percentile", function: "percentile", percentile });
}

/** @throws RangeError for what cannot be honoured. */
export function readAverage(context: QueryContext, question: AverageQuestion): ValueAnswer {
  return readValue(context, { ...question, method: "average", function: "avg", percentile: undefined });
}

/** @throws RangeError for what cannot be honoured. */
export function readTopAgents(context: QueryContext, question: TopAgentsQuestion): TopAgentsAnswer {
  const { order = "desc", limit } = question;
  const wanted = question.function ?? defaultFunction(question.measure);
  requireLimit("topAgents", limit);
  if (order !== "asc" && order !== "desc") {
    throw new RangeError(`There is no order "${order}". Orders: asc, desc.`);
  }
  const percentile = wanted === "percentile" ? requirePercentile(question.percentile) : undefined;
  const [answer] = readGroups(context, { ...question, method: "topAgents", function: wanted, percentile }, [["agent"]]);
  const sign = order === "asc" ? 1 : -1;
  const agents = answer.groups
    .filter(({ value }) => hasFacts(value))
    .sort((a, b) => compareValues(a.value.value, b.value.value, sign) || compareKeys(a.key, b.key))
    .slice(0, limit)
    .map(({ key: [agent = ""], value: { value, count } }, i) => ({ rank: i + 1, agent, value, count }));
  return { unit: answer.unit, function: wanted, ...originOf(answer), agents };
}

/** What has no value comes last, whatever the order. */
function compareValues(a: number | undefined, b: number | undefined, sign: 1 | -1): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  return sign * (a - b);
}

/** A value question of any method, with its parts looked up. */
interface ValueQuestion extends FactFilter {
  readonly method: string;
  readonly measure: Measure;
  readonly function: AggregateFunction;
  readonly percentile: number | undefined;
  readonly groupBy?: readonly Dimension[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface GroupedValues extends AnswerOrigin {
  readonly unit: string;
  readonly groups: readonly { readonly key: readonly string[]; readonly value: MeasuredValue }[];
}

function readValue(context: QueryContext, question: ValueQuestion): ValueAnswer {
  const groupBy = question.groupBy ?? [];
  const [overall, grouped] = readGroups(context, question, groupBy.length === 0 ? [[]] : [[], groupBy]);
  const { value, count } = overall.groups[0]?.value ?? { value: undefined, count: 0 };
  const groups = (grouped?.groups ?? [])
    .filter((group) => hasFacts(group.value))
    .sort((a, b) => compareKeys(a.key, b.key))
    .map(
      (group): GroupValue => ({
        ...namesOf([...new Set(groupBy)], group.key),
        value: group.value.value,
        count: group.value.count,
      }),
    );
  return { unit: overall.unit, value, count, ...originOf(overall), groups };
}

function originOf({ source, relativeError }: AnswerOrigin): AnswerOrigin {
  return { source, relativeError };
}

/** The values of each way to group the same facts. */
function readGroups(
  context: QueryContext,
  question: ValueQuestion,
  groupings: readonly [readonly Dimension[], ...(readonly Dimension[])[]],
): [GroupedValues, ...GroupedValues[]] {
  const { method, percentile, signal } = question;
  const definition = requireMeasure(question.measure, question.function);
  const [first, ...others] = groupings.map((groupBy) => requireGroups(method, definition.population, groupBy));
  const filter = requireFilter(method, definition.population, question);
  signal?.throwIfAborted();
  const want = planWant(definition, question.function);
  const toValues = ({ cells, source }: Collected): GroupedValues => {
    const groups = cells.map((cell) => ({
      key: cell.key,
      value: measure(cell, definition, question.function, percentile),
    }));
    const relativeError = Math.max(0, ...groups.map(({ value }) => value.relativeError));
    return { unit: definition.unit, source, relativeError, groups };
  };
  return context.inOneState(() => {
    const scope = { method, ...wholeRange(context, filter), filter, signal };
    const [overall, ...rest] = collectViews(context, scope, [
      { groupBy: first ?? [], want },
      ...others.map((groupBy) => ({ groupBy, want })),
    ]);
    return [toValues(overall), ...rest.map(toValues)];
  });
}

/** The range of a filter, or everything there is, as one bucket. */
export function wholeRange(
  context: QueryContext,
  filter: FactFilter,
): { readonly range: TimeRange; readonly edges: readonly number[] } {
  const range = filter.range ?? readSpan(context) ?? { startMillis: 0, endMillis: 0 };
  return { range, edges: [range.startMillis, range.endMillis] };
}
