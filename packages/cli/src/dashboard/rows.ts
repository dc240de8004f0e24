/** The rows that sections list: filtered and in order, the same for the screen and for the keys. Pure. */
import type { AgentLine, DashboardAlert, DetailSubject, QueueSection } from "@moai-metrics/report";
import { filterTerm, matchesWords, parseFilter } from "./filter-text.ts";
import type { AgentSort, DashboardState, SectionName } from "./state.ts";

/** A row of the queue. */
export type QueueRow =
  | { readonly kind: "task"; readonly task: QueueSection["tasks"][number] }
  | { readonly kind: "session"; readonly session: QueueSection["sessions"][number] }
  | { readonly kind: "call"; readonly call: QueueSection["recentCalls"][number] };

/** Agents in the order that was chosen; what is not known comes last. */
export function agentRows({ dashboard, filter, sort }: DashboardState): readonly AgentLine[] {
  const { words } = parseFilter(filter);
  const rows = (dashboard?.agents.rows ?? []).filter(({ name }) => matchesWords(words, name));
  const value = SORT_VALUES[sort];
  if (value === undefined) return rows.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return rows.toSorted((a, b) => (value(b) ?? -1) - (value(a) ?? -1));
}

const SORT_VALUES: Readonly<Record<AgentSort, ((row: AgentLine) => number | null) | undefined>> = {
  tokens: (row) => row.totalTokens,
  cost: (row) => row.totalCost,
  tasks: (row) => row.tasksCompleted,
  success: (row) => row.successRate,
  duration: (row) => row.averageDurationMs,
  name: undefined,
};

/** Running tasks, the oldest first; open sessions; the newest calls. */
export function queueRows({ dashboard, filter }: DashboardState): readonly QueueRow[] {
  const { words } = parseFilter(filter);
  const { tasks = [], sessions = [], recentCalls = [] } = dashboard?.queue ?? {};
  return [
    ...tasks
      .filter(({ taskId, sessionId, agent, project, product }) =>
        matchesWords(words, taskId, sessionId, agent, project, product),
      )
      .map((task): QueueRow => ({ kind: "task", task })),
    ...sessions
      .filter(({ sessionId, project, product }) => matchesWords(words, sessionId, project, product))
      .map((session): QueueRow => ({ kind: "session", session })),
    ...recentCalls
      .filter(({ agent, model, project, sessionId }) => matchesWords(words, agent, model, project, sessionId))
      .map((call): QueueRow => ({ kind: "call", call })),
  ];
}

/** Alerts that hold the words. */
export function alertRows({ dashboard, filter }: DashboardState): readonly DashboardAlert[] {
  const { words } = parseFilter(filter);
  return (dashboard?.alerts ?? []).filter(({ message }) => matchesWords(words, message));
}

/** How many rows of a section can be chosen. */
export function rowCount(state: DashboardState, section: SectionName): number {
  switch (section) {
    case "agents":
      return agentRows(state).length;
    case "queue":
      return queueRows(state).length;
    case "alerts":
      return alertRows(state).length;
    default:
      return 0;
  }
}

/** What Enter does with the chosen row: look closer, or narrow the filter to its name. */
type Opening = { readonly subject: DetailSubject } | { readonly term: string } | undefined;

/** What the chosen row opens. */
export function openingOf(state: DashboardState): Opening {
  if (state.focus === "agents") {
    const row = agentRows(state)[state.selected.agents];
    if (row === undefined) return undefined;
    const { groupBy } = state.choice;
    return groupBy === "agent"
      ? { subject: { kind: "agent", agent: row.name } }
      : { term: filterTerm(groupBy, row.name) };
  }
  if (state.focus !== "queue") return undefined;
  const row = queueRows(state)[state.selected.queue];
  switch (row?.kind) {
    case "task":
      return { subject: { kind: "task", sessionId: row.task.sessionId, taskId: row.task.taskId } };
    case "session":
      return { subject: { kind: "session", sessionId: row.session.sessionId } };
    case "call":
      return row.call.taskId === null
        ? { subject: { kind: "session", sessionId: row.call.sessionId } }
        : { subject: { kind: "task", sessionId: row.call.sessionId, taskId: row.call.taskId } };
    default:
      return undefined;
  }
}
