/** Keeps data points of any metric. Run it: `node points.ts metrics.db`. */
import { openStore, type SeriesIdentity } from "@moai-metrics/store";

const queueLength: SeriesIdentity = {
  metric: "my_agent.queue.length",
  kind: "gauge",
  unit: "{task}",
  description: "Tasks that wait.",
  temporality: "none",
  isMonotonic: false,
  valueType: "int",
  // Few values: an id belongs to the ledger, never here.
  attributes: { priority: "high" },
  resource: { "service.name": "my-agent" },
  scope: { name: "my-agent", version: "1.0.0" },
};

const startNano = BigInt(Date.UTC(2026, 10, 22, 12)) * 1_000_000n;
const points = [3, 5, 4].map((value, i) => {
  const timeUnixNano = startNano + BigInt(i) * 15_000_000_000n;
  return { startTimeUnixNano: timeUnixNano, timeUnixNano, value: { kind: "number", value } as const };
});

using store = openStore({ path: process.argv[2] ?? "metrics.db" });
const { inserted, repeated } = store.writePoints({ series: [{ identity: queueLength, points }] });
console.log(`${inserted} new, ${repeated} known`);

const answer = store.query.getPoints({ metric: "my_agent.queue.length", attributes: { priority: "high" } });
for (const { identity, points: found } of answer.series) console.log(`${identity.metric}: ${found.length} points`);
