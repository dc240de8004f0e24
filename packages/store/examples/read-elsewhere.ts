/** Reads in other threads, so that a heavy question stalls nobody. Run it: `node read-elsewhere.ts metrics.db`. */
import { createReaderPool } from "@moai-metrics/store";

const pool = createReaderPool({ path: process.argv[2] ?? "metrics.db", maxReaders: 2, leaseMillis: 5_000 });
const summary = await pool.ask(
  { target: "query", method: "summary", parameters: [{}] },
  { signal: AbortSignal.timeout(3_000) },
);
console.log(`${summary.totalCalls} calls, ${summary.tokens.output} output tokens`);
await pool.close();
