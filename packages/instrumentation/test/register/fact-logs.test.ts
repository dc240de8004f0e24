/** At which moment a log event stands that tells of a fact. */
import { FACT_EVENT, type Fact } from "@moai-metrics/model";
import type { LogRecord } from "@opentelemetry/api";
import { describe, expect, it, vi } from "vitest";
import { createFactLog } from "../../src/register/fact-logs.ts";

const common = { product: "app", sessionId: "s", witness: "process" } as const;
const toolCall = { ...common, kind: "tool_call", callId: "c", tool: "grep", startedAtMillis: 3 } as const;

function logged(fact: Fact): LogRecord {
  const emitted: LogRecord[] = [];
  createFactLog({ emit: (record) => void emitted.push(record) })(fact);
  return emitted[0] as LogRecord;
}

describe("the log event of a fact", () => {
  it.each<[what: string, fact: Fact, timestamp: number]>([
    ["a session's last activity", { ...common, kind: "session", activity: [{ startMillis: 1, endMillis: 2 }] }, 2],
    [
      "a task's last sign of life",
      { ...common, kind: "task", taskId: "t", startedAtMillis: 1, lastSeenAtMillis: 5 },
      5,
    ],
    ["a task's start", { ...common, kind: "task", taskId: "t", startedAtMillis: 1 }, 1],
    ["a model call's end", { ...common, kind: "model_call", requestId: "r", endedAtMillis: 7 }, 7],
    ["a tool call's end", { ...toolCall, endedAtMillis: 4 }, 4],
    ["the start of a tool call that has not ended", toolCall, 3],
  ])("stands at %s", (_, fact, timestamp) => {
    expect(logged(fact)).toMatchObject({
      eventName: FACT_EVENT,
      timestamp,
      attributes: { [FACT_EVENT]: JSON.stringify(fact) },
    });
  });

  it.each<[what: string, fact: Fact]>([
    ["a session of which no activity is known", { ...common, kind: "session", activity: [] }],
    ["a task of which no moment is known", { ...common, kind: "task", taskId: "t" }],
  ])("stands at the present for %s", (_, fact) => {
    vi.useFakeTimers({ now: 99 });
    try {
      expect(logged(fact).timestamp).toBe(99);
    } finally {
      vi.useRealTimers();
    }
  });
});
