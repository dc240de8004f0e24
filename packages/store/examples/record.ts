/** Writes what an agent did. Run it: `node record.ts metrics.db`. */
import type { Fact } from "@moai-metrics/model";
import { openStore, StoreError } from "@moai-metrics/store";

const noon = Date.UTC(2026, 10, 22, 12);
const base = { witness: "process", product: "my-agent", sessionId: "session-1" } as const;

const facts: Fact[] = [
  {
    ...base,
    kind: "session",
    project: "/home/dev/shop",
    activity: [{ startMillis: noon, endMillis: noon + 60_000 }],
  },
  {
    ...base,
    kind: "task",
    taskId: "task-1",
    agent: "planner",
    startedAtMillis: noon,
    lastSeenAtMillis: noon + 42_000,
    outcome: { result: "success", origin: "reported", atMillis: noon + 42_000 },
  },
  {
    ...base,
    kind: "model_call",
    taskId: "task-1",
    requestId: "req-1",
    model: "claude-sonnet-4-5",
    endedAtMillis: noon + 9_000,
    durationMillis: 8_500,
    usage: { input: 1_200, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 340, reasoning: 0 },
  },
];

using store = openStore({ path: process.argv[2] ?? "metrics.db" });
try {
  // Behind this line the facts are on disk. Writing them again changes nothing: facts have natural keys.
  const { inserted, changed, refused } = store.write({ facts });
  console.log(`${inserted} new, ${changed} changed, refused: ${JSON.stringify(refused)}`);
} catch (error) {
  // `busy`, `full` and `read_only` are to be expected: keep the facts and try again.
  if (!(error instanceof StoreError)) throw error;
  console.log(`${error.code}: ${error.message}`);
}
