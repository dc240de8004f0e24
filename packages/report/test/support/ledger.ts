/** A real store with a few facts whose sums are known by heart. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Fact, ModelCallFact, TaskFact, TaskResult, ToolCallFact } from "@moai-metrics/model";
import { openStore, type Store } from "@moai-metrics/store";
import { onTestFinished } from "vitest";

/** Sunday, 22 November 2026, 12:00 UTC. */
export const NOON = Date.UTC(2026, 10, 22, 12);
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

const BASE = { witness: "transcript", product: "claude-code" } as const;

export function storeWith(facts: readonly Fact[]): Store {
  const store = openStore({ path: join(mkdtempSync(join(tmpdir(), "report-")), "metrics.db") });
  onTestFinished(() => store.close());
  store.write({ facts });
  return store;
}

export function session(sessionId: string, startMillis: number, endMillis: number): Fact {
  return {
    ...BASE,
    kind: "session",
    sessionId,
    project: "/home/dev/shop",
    branch: "main",
    version: "2.1.197",
    activity: [{ startMillis, endMillis }],
  };
}

export function task(
  sessionId: string,
  taskId: string,
  agent: string,
  endMillis: number,
  result: TaskResult | undefined,
  more: Partial<TaskFact> = {},
): TaskFact {
  return {
    ...BASE,
    kind: "task",
    sessionId,
    taskId,
    agent,
    taskKind: agent === "main" ? "prompt" : "subagent",
    startedAtMillis: endMillis - 60_000,
    lastSeenAtMillis: endMillis,
    outcome: result && { result, origin: "reported", atMillis: endMillis },
    ...more,
  };
}

/** A call of 1,000 input, 2,000 read, 300 written and 400 output tokens. */
export function call(
  sessionId: string,
  taskId: string,
  id: string,
  endedAtMillis: number,
  more: Partial<ModelCallFact> = {},
): ModelCallFact {
  return {
    ...BASE,
    kind: "model_call",
    sessionId,
    taskId,
    requestId: id,
    endedAtMillis,
    model: "claude-sonnet-4-5",
    usage: { input: 1000, cacheRead: 2000, cacheWrite5m: 300, cacheWrite1h: 0, output: 400, reasoning: 0 },
    ...more,
  };
}

export function tool(
  sessionId: string,
  taskId: string,
  callId: string,
  name: string,
  startedAtMillis: number,
  isSuccess = true,
): ToolCallFact {
  return {
    ...BASE,
    kind: "tool_call",
    sessionId,
    taskId,
    callId,
    tool: name,
    startedAtMillis,
    endedAtMillis: startedAtMillis + 500,
    isSuccess,
    ...(isSuccess ? {} : { errorType: "tool_error" }),
  };
}
