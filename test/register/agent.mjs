import { recordUsage, withTask } from "@moai-metrics/instrumentation";

await withTask("esm", async () => recordUsage({ model: "m", inputTokens: 5, outputTokens: 6 }));
if (process.argv.includes("exit")) process.exit(3);
