/** Asks about it. Run it behind `record.ts`: `node ask.ts metrics.db`. */
import { openStore } from "@moai-metrics/store";

using store = openStore({ path: process.argv[2] ?? "metrics.db", readOnly: true });
const range = { startMillis: Date.UTC(2026, 10, 16), endMillis: Date.UTC(2026, 10, 23) };

const summary = store.query.summary({ range, projects: ["/home/dev/shop"] });
console.log(`${summary.totalTasks} tasks, success rate ${summary.successRate}, ${summary.totalTokensUsed} tokens`);
console.log(`cost ${summary.costNanoUsd / 1e9} USD, ${summary.unpricedCalls} calls without a price`);

const days = store.query.aggregateByTime({
  measure: "taskDuration",
  function: "percentile",
  percentile: 0.95,
  interval: "day",
  timeZone: "Asia/Seoul",
  range,
});
for (const { label, value, count } of days.buckets) console.log(`${label}: p95 ${value} ms of ${count} tasks`);

const { agents } = store.query.topAgents({ measure: "taskDuration", order: "asc", limit: 5, range });
for (const { rank, agent, value } of agents) console.log(`${rank}. ${agent} ${value} ms`);

// Pages have no hidden limit: go on as long as there is a cursor.
let cursor: string | undefined;
do {
  const page = store.query.getTasks({ range, agents: ["planner"], limit: 100, cursor });
  for (const task of page.rows) console.log(`${task.taskId} ${task.result} ${task.durationMillis} ms`);
  cursor = page.nextCursor;
} while (cursor !== undefined);
