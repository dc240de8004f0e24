/** Sessions and tasks that used many tokens, by the totals in their rows. */
import type { Database } from "better-sqlite3";
import { joinConditions, planColumnFilter } from "./filters.ts";
import type { TokenPeak, TokenPeakQuestion } from "./types.ts";

const TOKENS = {
  new: ["input", "cache_write_5m", "cache_write_1h", "output", "undivided_tokens"],
  total: ["input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "undivided_tokens"],
} as const;

export function readTokenPeaks(database: Database, question: TokenPeakQuestion): TokenPeak[] {
  const sessions = question.agents === undefined ? sessionPeaks(database, question) : [];
  return [...sessions, ...taskPeaks(database, question)].sort(
    (a, b) => b.tokens - a.tokens || b.lastSeenAtMillis - a.lastSeenAtMillis,
  );
}

function sessionPeaks(
  database: Database,
  { range, counts, atLeast, products, projects }: TokenPeakQuestion,
): TokenPeak[] {
  const where = joinConditions([
    { condition: "session.ended_at >= ? AND session.started_at < ?", parameters: [range.startMillis, range.endMillis] },
    { condition: `${sumOf("session", counts)} >= ?`, parameters: [atLeast] },
    planColumnFilter(
      { product: "session.product_id", project: "session.project_id", agent: "0" },
      { products, projects },
    ),
  ]);
  return database
    .prepare<unknown[], TokenPeak>(
      `SELECT 'session' AS kind, product.text AS product, session_key AS sessionId, '' AS taskId, '' AS agent,
         coalesce(project.text, '') AS project, ${sumOf("session", counts)} AS tokens, ended_at AS lastSeenAtMillis
       FROM session
       -- Sessions first, by their time: without being told, SQLite looks at every session of every product.
       CROSS JOIN string AS product ON product.id = session.product_id
       LEFT JOIN string AS project ON project.id = session.project_id
       WHERE ${where.condition}`,
    )
    .all(...where.parameters);
}

function taskPeaks(
  database: Database,
  { range, counts, atLeast, products, projects, agents }: TokenPeakQuestion,
): TokenPeak[] {
  const where = joinConditions([
    { condition: "task.last_seen_at >= ? AND task.last_seen_at < ?", parameters: [range.startMillis, range.endMillis] },
    { condition: `${sumOf("task", counts)} >= ?`, parameters: [atLeast] },
    planColumnFilter(
      { product: "task.product_id", project: "session.project_id", agent: "task.agent_id" },
      { products, projects, agents },
    ),
  ]);
  return database
    .prepare<unknown[], TokenPeak>(
      `SELECT 'task' AS kind, product.text AS product, session.session_key AS sessionId, task_key AS taskId,
         coalesce(agent.text, '') AS agent, coalesce(project.text, '') AS project,
         ${sumOf("task", counts)} AS tokens, task.last_seen_at AS lastSeenAtMillis
       FROM task
       JOIN session ON session.id = task.session_id
       JOIN string AS product ON product.id = task.product_id
       LEFT JOIN string AS agent ON agent.id = task.agent_id
       LEFT JOIN string AS project ON project.id = session.project_id
       WHERE ${where.condition}`,
    )
    .all(...where.parameters);
}

function sumOf(table: "session" | "task", counts: TokenPeakQuestion["counts"]): string {
  return `(${TOKENS[counts].map((column) => `${table}.${column}`).join(" + ")})`;
}
