/**
 * A program that is measured and waits to be ended. argv: "measured" or "bare", folder of the store, number of tasks.
 * Says "recorded" on standard output when it has recorded.
 */
import { recordUsage, withTask } from "@moai-metrics/instrumentation";
import { startMetrics } from "@moai-metrics/sqlite-exporter";

const [kind, storage = "", tasks = "0"] = process.argv.slice(2);
if (kind === "measured") {
  // Nothing is exported meanwhile: all of it is left for the end.
  const handle = startMetrics({ serviceName: "ending", storage, exportIntervalMillis: 3_600_000, environment: {} });
  await work();
  // A program that has run for a while has opened its file.
  await handle.forceFlush();
  for (let i = 0; i < Number(tasks); i++) await work();
}
process.stdout.write("recorded\n");
setInterval(() => {}, 1_000);

async function work(): Promise<void> {
  await withTask("worker", async () => {
    recordUsage({ model: "claude-sonnet-4-5", provider: "anthropic", inputTokens: 100, outputTokens: 10 });
  });
}
