/**
 * An agent that works until it is stopped, for looking at its metrics from outside:
 * `OTEL_METRICS_EXPORTER=prometheus node examples/long-running-agent.ts`, then `curl -s localhost:9464/metrics`.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { instrumentAgent, recordUsage } from "@moai-metrics/instrumentation";
import { startMetrics } from "@moai-metrics/sqlite-exporter";

startMetrics({ serviceName: "night-watch" });

const watch = instrumentAgent("watcher", async () => {
  await sleep(200);
  recordUsage({ model: "claude-haiku-4-5", provider: "anthropic", inputTokens: 400, outputTokens: 60 });
});

process.stdout.write("Watching. Stop me with Ctrl-C.\n");
for (;;) {
  await watch();
  await sleep(800);
}
