/** What every series has reached. */
import { QUARTER_HOUR_MILLIS } from "@moai-metrics/model";
import type { QueryContext } from "../query/context.ts";
import { joinConditions, planNameFilter } from "../read/filters.ts";
import { readRollupViews } from "../rollup/read-rollups.ts";
import { additionsOf, viewOf } from "./additions.ts";
import { type AskedSpan, createLabelling } from "./asked-span.ts";
import { ATTRIBUTE_OF_DIMENSION, CUMULATIVE_SOURCES, describe } from "./sources.ts";
import type {
  CumulativeAnswer,
  CumulativeAttributes,
  CumulativeQuestion,
  CumulativeSeries,
  CumulativeState,
  CumulativeValue,
} from "./types.ts";
import { addValues, inUnits } from "./values.ts";

/** Adds up everything in the asked time. */
export function readState(
  context: QueryContext,
  question: CumulativeQuestion,
  span: AskedSpan | undefined,
): CumulativeAnswer {
  if (span === undefined) return { startMillis: 0, metrics: [] };
  const { database } = context;
  const { first, behind, filter } = span;
  const view = viewOf(CUMULATIVE_SOURCES);
  const [rollups] = readRollupViews(database, { edges: [first, behind], filter }, [view]);
  const names = (rollups?.keys ?? []).map((key) =>
    view.groupBy.map((dimension, i) => [dimension, key[i] ?? ""] as const),
  );
  const labelOf = createLabelling(database, question, names.flat());
  const metrics = CUMULATIVE_SOURCES.map((source): CumulativeState => {
    const series = new Map<string, { attributes: CumulativeAttributes; raw: CumulativeValue }>();
    for (const addition of rollups === undefined ? [] : additionsOf(source, view, rollups, labelOf)) {
      const { attributes, value } = addition;
      const known = series.get(addition.series);
      series.set(addition.series, { attributes, raw: known === undefined ? value : addValues(known.raw, value) });
    }
    return {
      ...source.metric,
      series: [...series.values()].map(({ attributes, raw }) => ({ attributes, ...inUnits(raw, source) })),
    };
  });
  const active = readActiveTasks(context, question);
  return {
    startMillis: first * QUARTER_HOUR_MILLIS,
    metrics: [...metrics, active].filter(({ series }) => series.length > 0),
  };
}

/**
 * Tasks that are running: only now, so not with a range; they have no model.
 * @param labelsOf what labels of sessions, as the file has them, become; without it they are left out.
 */
export function readActiveTasks(
  context: QueryContext,
  question: CumulativeQuestion,
  labelsOf?: (texts: readonly string[]) => ReadonlyMap<string, CumulativeAttributes>,
): CumulativeState {
  const metric = { ...describe("taskActive"), kind: "gauge", bounds: [] } as const;
  if (question.range !== undefined || question.models !== undefined) return { ...metric, series: [] };
  const where = joinConditions([
    { condition: "task.result IS NULL", parameters: [] },
    planNameFilter("session.product_id", question.products),
    planNameFilter("session.project_id", question.projects),
    planNameFilter("task.agent_id", question.agents),
  ]);
  const rows = context
    .statement(
      `SELECT session.product_id, session.project_id, task.agent_id, session.labels_id, count(*) AS tasks
       FROM task JOIN session ON session.id = task.session_id
       WHERE ${where.condition} GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`,
    )
    .all(...where.parameters) as {
    product_id: number;
    project_id: number;
    agent_id: number;
    labels_id: number;
    tasks: number;
  }[];
  const named = rows.map(({ product_id, project_id, agent_id, labels_id, tasks }) => ({
    tasks,
    labels: context.nameOf(labels_id),
    names: [
      ["product", context.nameOf(product_id)],
      ["project", context.nameOf(project_id)],
      ["agent", context.nameOf(agent_id)],
    ] as const,
  }));
  const labelOf = createLabelling(
    context.database,
    question,
    named.flatMap(({ names }) => names),
  );
  const series = new Map<string, CumulativeSeries>();
  const promoted = labelsOf?.(named.map(({ labels }) => labels));
  for (const { tasks, names, labels } of named) {
    const values = names.map(
      ([dimension, name]) => [ATTRIBUTE_OF_DIMENSION[dimension], labelOf(dimension, name)] as const,
    );
    const attributes = {
      ...Object.fromEntries(values.filter(([, value]) => value !== "")),
      ...promoted?.get(labels),
    };
    const key = JSON.stringify(attributes);
    series.set(key, { attributes, sum: (series.get(key)?.sum ?? 0) + tasks, count: 0, bucketCounts: [] });
  }
  return { ...metric, series: [...series.values()] };
}
