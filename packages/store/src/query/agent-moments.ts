/** First and last moments of agents, from single facts. */
import { DAY_MILLIS, type TimeRange } from "@moai-metrics/model";
import { type Condition, joinConditions } from "../read/filters.ts";
import type { QueryContext } from "./context.ts";
import { FACT_TABLES } from "./ledger-sql.ts";
import { type Population, PRESENCE } from "./measures.ts";
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
  /** Leaves out rows that lie more quarter hours away from the span than this. Default: none is left out. */
  readonly maxStray?: number | undefined;
}

/** An agent, as a number of `string`, and when it was seen. */
export interface AgentMoments {
  readonly agent: number;
  readonly first: number;
  readonly last: number;
  /** What the facts that were looked at add to the sums that show that there are any. */
  readonly presence: number;
}

/** An agent may come more than once. */
export function readAgentMoments(context: QueryContext, question: MomentsQuestion): readonly AgentMoments[] {
  const { population, filter, scope, span, inside, maxStray } = question;
  const isShort = span.endMillis - span.startMillis <= DAY_MILLIS;
  if (population === "calls" && isShort && filter.kinds === undefined && filter.results === undefined) {
    return readCallsByTask(context, question);
  }
  const { from, time, agent, isCounted } = FACT_TABLES[population];
  const { joins, where } = planSelection(population, filter, scope, span, { task: true, maxStray });
  const condition = joinConditions([where, inside]);
  const sql = `SELECT ${agent} AS agent, min(${time}) AS first, max(${time}) AS last,
      sum(${presenceOf(population)}) AS presence FROM ${from} ${joins}
    WHERE ${isCounted} AND ${condition.condition} GROUP BY 1`;
  return context.statement(sql).all(...condition.parameters) as AgentMoments[];
}

/** What a fact adds to the sums that show that there are any: at least 1. */
function presenceOf(population: Population): string {
  const { flags } = FACT_TABLES[population];
  return PRESENCE[population].map((name) => `(${flags[name]})`).join(" + ");
}

/** A call adds to two of these sums at most. */
const PRESENCE_BITS = 2;

/**
 * The same for calls of a short time. Whose work a call is stands in its task and session, of which there are far fewer
 * than calls: each of them is looked up once.
 */
function readCallsByTask(
  context: QueryContext,
  { filter, scope, span, inside, maxStray }: MomentsQuestion,
): AgentMoments[] {
  const { from, time, isCounted } = FACT_TABLES.calls;
  const ofCalls = { ...filter, agents: undefined, products: undefined, projects: undefined };
  const { joins, where } = planSelection("calls", ofCalls, scope, span, { maxStray });
  const condition = joinConditions([where, inside]);
  // Time and presence share a number: handing a number over takes longer than working it out.
  const moment = `((${time} - ?) << ${PRESENCE_BITS}) + ${presenceOf("calls")}`;
  const columns = ["fact.session_id", "fact.task_id", moment].map((column) => `json_group_array(${column})`);
  const sql = `SELECT ${columns.join(", ")} FROM ${from} ${joins} WHERE ${isCounted} AND ${condition.condition}`;
  const [sessions = [], tasks = [], moments = []] = readColumns(context, sql, [
    span.startMillis,
    ...condition.parameters,
  ]);
  const isOfSession = findSessions(context, filter, new Set(sessions));
  const byTask = new Map<number, { first: number; last: number; presence: number }>();
  for (let i = 0; i < moments.length; i++) {
    if (!isOfSession(sessions[i] as number)) continue;
    const presence = (moments[i] as number) % 2 ** PRESENCE_BITS;
    const at = span.startMillis + Math.floor((moments[i] as number) / 2 ** PRESENCE_BITS);
    const known = byTask.get(tasks[i] as number);
    if (known === undefined) {
      byTask.set(tasks[i] as number, { first: at, last: at, presence });
      continue;
    }
    if (at < known.first) known.first = at;
    if (at > known.last) known.last = at;
    known.presence += presence;
  }
  const agentOf = findAgents(context, byTask.keys());
  return Array.from(byTask, ([task, found]) => ({ agent: agentOf(task), ...found })).filter(
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
