/** The examples of PRD-08: its documents to the letter, and facts that make them. */
import type { Fact, TaskResult } from "@moai-metrics/model";
import { call, session, task } from "./ledger.ts";

const at = (time: string): number => Date.parse(`${time}Z`);
export const MINUTE = 60_000;

/** A document of the PRD, and facts from which it comes. */
interface Example {
  readonly document: object;
  readonly facts: readonly Fact[];
}

/** A call with exactly these tokens, all of its prompt uncached. */
function tokens(
  sessionId: string,
  taskId: string | undefined,
  id: string,
  atMillis: number,
  prompt: number,
  completion: number,
): Fact {
  const usage = { input: prompt, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: completion, reasoning: 0 };
  const { taskId: _named, ...fact } = call(sessionId, "", id, atMillis, { usage });
  return taskId === undefined ? fact : { ...fact, taskId };
}

/** The keys of `wanted`, as deep as they go, out of `whole`. */
export function pick(whole: unknown, wanted: unknown): unknown {
  if (typeof wanted !== "object" || wanted === null) return whole;
  const source = whole as Record<string, unknown>;
  return Object.fromEntries(Object.entries(wanted).map(([key, value]) => [key, pick(source[key], value)]));
}

/** Tasks of one agent: so many of each result, of one duration, with one call each. */
export function work(
  name: string,
  agent: string,
  endMillis: number,
  counts: Partial<Record<TaskResult, number>>,
  durationMillis: number,
  tokensOfTask: number,
): Fact[] {
  const results = Object.entries(counts).flatMap(([result, count]) => Array.from({ length: count }, () => result));
  return results.flatMap((result, index) => {
    const id = `${name}-${agent}-${index}`;
    return [
      task(name, id, agent, endMillis + index, result as TaskResult, {
        startedAtMillis: endMillis + index - durationMillis,
      }),
      ...(tokensOfTask === 0 ? [] : [tokens(name, id, `r-${id}`, endMillis + index, 0, tokensOfTask)]),
    ];
  });
}

/**
 * Friday the 28th and Saturday the 29th of November 2025. On the 29th: 24 tasks of which 22 succeed (0.92), 450,000
 * tokens, 3 sessions of 90 minutes. The day before: 20 of 23 (0.87), and so many tokens that efficiency rises by 12 %.
 */
export function twoDays(): Fact[] {
  const noon = at("2025-11-29T12:00:00");
  const before = noon - 24 * 60 * MINUTE;
  const efficiency = 22 / 450_000;
  const tokensBefore = Math.round(20 / (efficiency / 1.12));
  return [
    ...["s1", "s2", "s3"].map((id, index) =>
      session(id, noon - (index + 1) * 60 * MINUTE, noon - (index + 1) * 60 * MINUTE + 90 * MINUTE),
    ),
    session("s0", before, before + 60 * MINUTE),
    ...work("s1", "expert-backend", noon, { success: 7, failure: 1 }, 120_000, 0),
    ...work("s2", "manager-tdd", noon - 60 * MINUTE, { success: 6 }, 180_000, 0),
    ...work("s3", "main", noon - 120 * MINUTE, { success: 9, timeout: 1, cancelled: 1 }, 60_000, 0),
    tokens("s3", "s3-main-0", "all-of-the-day", noon - 120 * MINUTE, 150_000, 300_000),
    ...work("s0", "main", before, { success: 20, failure: 3 }, 60_000, 0),
    tokens("s0", "s0-main-0", "all-of-the-day-before", before, 0, tokensBefore),
  ];
}

const START = at("2025-11-29T10:00:00");
const ENDED = at("2025-11-29T10:01:30");

function file(path: string, change: "created" | "modified"): Fact {
  return {
    witness: "transcript",
    product: "claude-code",
    sessionId: "s",
    kind: "file_change",
    taskId: "task-001",
    path,
    change,
    atMillis: ENDED - 1000,
  };
}

/** Task 1.2. */
export const TOKEN_USAGE: Example = {
  document: {
    token_usage: {
      session_id: "sess-001",
      total_tokens: 150000,
      by_category: { prompt: 45000, completion: 105000 },
      by_task: { "task-001": 25000, "task-002": 35000 },
    },
  },
  facts: [
    session("sess-001", START, START + 30 * MINUTE),
    task("sess-001", "task-001", "expert-backend", START + 5 * MINUTE, "success"),
    task("sess-001", "task-002", "expert-backend", START + 9 * MINUTE, "success"),
    tokens("sess-001", "task-001", "r1", START + 4 * MINUTE, 10000, 15000),
    tokens("sess-001", "task-002", "r2", START + 8 * MINUTE, 15000, 20000),
    tokens("sess-001", undefined, "r3", START + 20 * MINUTE, 20000, 70000),
  ],
};

/** Task 2.2. */
export const TASK_METRICS: Example = {
  document: {
    task_metrics: {
      task_id: "task-001",
      agent: "expert-backend",
      started_at: "2025-11-29T10:00:00Z",
      ended_at: "2025-11-29T10:01:30Z",
      duration_ms: 90000,
      result: "success",
      tokens_used: 25000,
      files_created: 2,
      files_modified: 3,
    },
  },
  facts: [
    session("s", ENDED - 90_000, ENDED),
    task("s", "task-001", "expert-backend", ENDED, "success", { startedAtMillis: ENDED - 90_000 }),
    tokens("s", "task-001", "r", ENDED - 1000, 5000, 20000),
    ...["a", "b"].map((name) => file(`/p/${name}`, "created")),
    ...["c", "d", "e"].map((name) => file(`/p/${name}`, "modified")),
  ],
};

/** Task 3.2. */
export const AGENT_METRICS: Example = {
  document: {
    agent_metrics: {
      "expert-backend": {
        tasks_completed: 45,
        success_rate: 0.89,
        avg_duration_ms: 55000,
        total_tokens: 1125000,
        period: "2025-11-01 to 2025-11-30",
      },
    },
  },
  facts: work(
    "s",
    "expert-backend",
    at("2025-11-20T12:00:00"),
    { success: 40, failure: 4, timeout: 1 },
    55_000,
    25_000,
  ),
};

/** Task 4.2. */
export const DAILY_REPORT: Example = {
  document: {
    daily_report: {
      date: "2025-11-29",
      summary: {
        sessions: 3,
        total_duration_hours: 4.5,
        tasks_completed: 24,
        success_rate: 0.92,
        tokens_used: 450000,
      },
      by_agent: {
        "expert-backend": { tasks: 8, success_rate: 0.88, avg_duration_s: 120 },
        "manager-tdd": { tasks: 6, success_rate: 1.0, avg_duration_s: 180 },
      },
      trends: { success_rate_change: "+5%", efficiency_change: "+12%" },
    },
  },
  facts: twoDays(),
};
