/** Facts whose every name is one that tries to break out of a format. */
import type { Fact } from "@moai-metrics/model";
import { HOSTILE_NAMES } from "../../packages/report/test/support/hostile-names.ts";

const START = Date.UTC(2026, 10, 22, 12);
const HOUR = 3_600_000;

/** One session, task, model call and tool call per name. */
export function hostileFacts(): Fact[] {
  return HOSTILE_NAMES.flatMap((name, i): Fact[] => {
    const endMillis = START + HOUR;
    const base = { witness: "transcript", product: name.trim() === "" ? "agent" : name, sessionId: `h${i}` } as const;
    const taskId = `${name.slice(0, 100)}-${i}`;
    return [
      { ...base, kind: "session", project: name, branch: name, activity: [{ startMillis: START, endMillis }] },
      {
        ...{ ...base, kind: "task", taskId, agent: name, startedAtMillis: START, lastSeenAtMillis: endMillis },
        outcome: { result: "success", origin: "reported", atMillis: endMillis },
      },
      {
        ...{ ...base, kind: "model_call", taskId, requestId: `r${i}`, model: name, endedAtMillis: endMillis },
        durationMillis: 1_000,
        usage: { input: 1_000, cacheRead: 2_000, cacheWrite5m: 300, cacheWrite1h: 0, output: 400, reasoning: 0 },
      },
      {
        ...{ ...base, kind: "tool_call", taskId, callId: `t${i}`, tool: name, startedAtMillis: endMillis - 500 },
        ...{ endedAtMillis: endMillis, isSuccess: false, errorType: name },
      },
    ];
  });
}
