/** A short program that never says goodbye. argv: storage, number of tasks, how to end. */
import { recordUsage, withTask } from "@moai-metrics/instrumentation";
import { startMetrics } from "../../src/index.ts";

const [storage = "", count = "1", ending = "return", spans = "yes"] = process.argv.slice(2);
if (ending === "graceful") {
  process.once("SIGTERM", () => {
    setTimeout(() => {
      process.stdout.write("ended gracefully\n");
      process.exit(7);
    }, 2000);
  });
}
const handle = startMetrics({
  serviceName: "short-run",
  storage,
  areSpansRecorded: spans === "yes",
  environment: {},
});
for (let i = 0; i < Number(count); i++) {
  await withTask("worker", async () => {
    recordUsage({ model: "claude-sonnet-4-5", provider: "anthropic", inputTokens: 100, outputTokens: 10 });
  });
  // A signal that comes while the writing thread starts leaves everything to the spool: here it must be up.
  if (i === 0 && (ending === "signal" || ending === "graceful")) await handle.forceFlush();
}
process.stdout.write("recorded\n");
if (ending === "exit") process.exit(3);
if (ending === "throw") throw new Error("the application's own error");
if (ending === "signal" || ending === "graceful") setInterval(() => {}, 1000);
if (ending === "flush-and-hang") {
  await handle.forceFlush();
  process.stdout.write(`flushed ${JSON.stringify(handle.stats())}\n`);
  setInterval(() => {}, 1000);
}
