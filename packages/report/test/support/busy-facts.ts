/** A hundred days of two products, three agents and two projects; some tasks still run. */
import type { Fact, TaskResult } from "@moai-metrics/model";
import { DAY, HOUR, NOON } from "./ledger.ts";

/** Not the start of a quarter hour, as now hardly ever is. */
export const NOW = NOON + 7 * 60_000 + 12_345;

const MINUTE = 60_000;
const AGENTS = ["main", "expert-backend", "manager-tdd"] as const;
const MODELS = ["claude-sonnet-4-5", "claude-opus-4-5", "a model without a price"] as const;
const RESULTS: readonly TaskResult[] = ["success", "success", "failure", "success", "timeout", "cancelled", "unknown"];
const DAYS = 100;
const CALLS = 2;

/** The facts: two tasks a day that ended, and three that run. */
export function busyFacts(): Fact[] {
  const ended = Array.from({ length: 2 * DAYS }, (_, i) => {
    const endMillis = NOW - i * (DAY / 2) - 20 * MINUTE - (i % 7) * HOUR;
    return session(i, endMillis, RESULTS[i % RESULTS.length]);
  });
  const running = [2, 10, 25].map((minutes, i) => session(1_000 + i, NOW - minutes * MINUTE, undefined));
  return [...ended, ...running].flat();
}

function session(number: number, endMillis: number, result: TaskResult | undefined): Fact[] {
  const agent = AGENTS[number % 3] ?? "main";
  const base = {
    witness: "transcript",
    product: number % 5 === 0 ? "codex" : "claude-code",
    sessionId: `session-${number}`,
  } as const;
  const taskId = `task-${number}`;
  const startedAtMillis = endMillis - (1 + (number % 11)) * MINUTE - number * 7;
  const project = number % 2 === 0 ? "/home/dev/shop" : "/home/dev/site";
  return [
    {
      ...{ ...base, kind: "session", project, activity: [{ startMillis: startedAtMillis, endMillis }] },
      ...(result !== undefined && { hasEnded: true }),
    },
    {
      ...{ ...base, kind: "task", taskId, agent, startedAtMillis, lastSeenAtMillis: endMillis },
      ...(result !== undefined && { outcome: { result, origin: "reported", atMillis: endMillis } as const }),
    },
    ...Array.from({ length: CALLS }, (_, c): Fact => {
      const size = 1_000 + 37 * number + c;
      return {
        ...{ ...base, kind: "model_call", taskId, requestId: `${taskId}-${c}`, durationMillis: 900 + number + c },
        ...{ model: MODELS[(number + c) % 3] ?? "", endedAtMillis: endMillis - c * 30_000 },
        usage: { input: size, cacheRead: 20 * size, cacheWrite5m: 11, cacheWrite1h: 3, output: 200, reasoning: 5 },
      };
    }),
    {
      ...{ ...base, kind: "tool_call", taskId, callId: `${taskId}-tool`, tool: number % 4 === 0 ? "Bash" : "Edit" },
      ...{ startedAtMillis: endMillis - 15_000, endedAtMillis: endMillis - 14_000, isSuccess: number % 9 !== 0 },
    },
  ];
}
