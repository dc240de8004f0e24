/** A short program that records quality. argv: storage. */
import { recordQuality } from "@moai-metrics/instrumentation";
import { startMetrics } from "../../src/index.ts";

const handle = startMetrics({ serviceName: "quality-run", storage: process.argv[2] ?? "" });
recordQuality({ testCoverage: { good: 3, total: 4 }, lintScore: 0.5, benchmarkScore: 7, benchmark: "swe" });
await handle.forceFlush();
process.stdout.write(JSON.stringify(handle.stats().dropped));
await handle.shutdown();
