/** A short program in a project with a configuration. argv: storage. Prints what its writer counted. */
import { recordUsage, withSession, withTask, withTool } from "@moai-metrics/instrumentation";
import { startMetrics } from "../../src/index.ts";

const handle = startMetrics({ serviceName: "configured-run", storage: process.argv[2] ?? "" });
await withSession({}, async () => {
  await withTask("worker", async () => {
    await withTool("search", async () => {});
    recordUsage({ model: "m", inputTokens: 7, outputTokens: 3 });
  });
});
await handle.forceFlush();
process.stdout.write(JSON.stringify(handle.stats()));
await handle.shutdown();
