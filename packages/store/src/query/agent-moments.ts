/** First and last moments of agents, from single facts. */
import { DAY_MILLIS, type TimeRange } from "@moai-metrics/model";
import { type Condition, joinConditions } from "../read/filters.ts";
import type { QueryContext } from "./context.ts";
import { FACT_TABLES } from "./ledger-sql.ts";
import type { Population } from "./measures.ts";
import { planSelection, type Scope } from "./selection.ts";
import type { FactFilter } from "./types.ts";

/** Which facts are looked at. */
export interface MomentsQuestion {
  readonly population: Population;
  readonly filter: FactFilter;
  readonly scope: Scope;
  readonly span: TimeRange;
  /** What else must be true of their time. */
  readonly inside: Condition;
}

/** An agent, as a number of `string`, and when it was seen. */
export interface AgentMoments {
  readonly agent: number;
  readonly first: number;
  readonly last: number;
}

/** An agent may come more than once. */
export function readAgentMoments(context: QueryContext, question: MomentsQuestion): readonly AgentMoments[] {
  const { population, filter, scope, span, inside } = question;
  const isShort = span.endMillis - span.startMillis <= DAY_MILLIS;
  if (population === "calls" && isShort && filter.kinds === undefined && filter.results === undefined) {
    return readCallsByTask(context, question);
  }
  const { from, time, agent, isCounted } = FACT_TABLES[population];
  const { joins, where } = planSelection(population, filter, scope, span, { task: true });
  const condition = joinConditions([where, inside]);
  const sql = `SELECT ${agent} AS agent, min(${time}) AS first, max(${time}) AS last FROM ${from} ${joins}
    WHERE ${isCounted} AND ${condition.condition} GROUP BY 1`;
  return context.statement(sql).all(...condition.parameters) as AgentMoments[];
}

/**
 * The same for calls of a short time. Whose work a call is stands in its task and session, of which there are far fewer
 * than calls: each of them is looked up once.
 */
function readCallsByTask(context: QueryContext, { filter, scope, span, inside }: MomentsQuestion): AgentMoments[] {
  const { from, time, isCounted } = FACT_TABLES.calls;
  const ofCalls = { ...filter, agents: undefined, products: undefined, projects: undefined };
  const { joins, where } = planSelection("calls", ofCalls, scope, span);
  const condition = joinConditions([where, inside]);
  const columns = ["fact.session_id", "fact.task_id", time].map((column) => `json_group_array(${column})`);
  const sql = `SELECT ${columns.join(", ")} FROM ${from} ${joins} WHERE ${isCounted} AND ${condition.condition}`;
  const [sessions = [], tasks = [], moments = []] = readColumns(context, sql, condition.parameters);
  const isOfSession = findSessions(context, filter, new Set(sessions));
  const byTask = new Map<number, { first: number; last: number }>();
  for (let i = 0; i < moments.length; i++) {
    if (!isOfSession(sessions[i] as number)) continue;
    const moment = moments[i] as number;
    const known = byTask.get(tasks[i] as number);
    if (known === undefined) byTask.set(tasks[i] as number, { first: moment, last: moment });
    else if (moment < known.first) known.first = moment;
    else if (moment > known.last) known.last = moment;
  }
  const agentOf = findAgents(context, byTask.keys());
  return Array.from(byTask, ([task, { first, last }]) => ({ agent: agentOf(task), first, last })).filter(
    ({ agent }) => filter.agents?.includes(context.nameOf(agent)) ?? true,
  );
}

/** Which sessions a filter by names lets in. */
function findSessions(
  context: QueryContext,
  { products, projects }: FactFilter,
  ids: ReadonlySet<number>,
): (id: number) => boolean {
  if (products === undefined && projects === undefined) return () => true;
  const sql = `SELECT json_group_array(id), json_group_array(product_id), json_group_array(project_id)
    FROM session WHERE id IN (SELECT value FROM json_each(?))`;
  const [found = [], productIds = [], projectIds = []] = readColumns(context, sql, [JSON.stringify([...ids])]);
  const isAccepted = (names: readonly string[] | undefined, id: number | undefined): boolean =>
    names?.includes(context.nameOf(id ?? 0)) ?? true;
  const accepted = new Set(
    found.filter((_, i) => isAccepted(products, productIds[i]) && isAccepted(projects, projectIds[i])),
  );
  return (id) => accepted.has(id);
}

/** Agents of tasks, as numbers of `string`; 0 where none is known. */
function findAgents(context: QueryContext, tasks: Iterable<number>): (task: number) => number {
  const sql = `SELECT json_group_array(id), json_group_array(agent_id)
    FROM task WHERE id IN (SELECT value FROM json_each(?))`;
  const [found = [], agents = []] = readColumns(context, sql, [JSON.stringify([...tasks])]);
  const byTask = new Map(found.map((task, i) => [task, agents[i] ?? 0]));
  return (task) => byTask.get(task) ?? 0;
}

/** Columns of numbers that a statement hands over as texts: thousands of rows would take several times as long. */
function readColumns(context: QueryContext, sql: string, parameters: readonly (string | number)[]): number[][] {
  const row = context
    .statement(sql)
    .raw()
    .get(...parameters) as string[];
  return row.map((column) => JSON.parse(column) as number[]);
}
