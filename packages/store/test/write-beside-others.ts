/**
 * A process for the tests of concurrency: says that it is ready; when it is told to start, it writes small batches until
 * its time is over, waits without blocking while the file is busy, and prints what was acknowledged and how often it
 * had to wait.
 */
import { once } from "node:events";
import { writeSync } from "node:fs";
import { openStore, retryBusy } from "../src/index.ts";
import { call, NOON } from "./helpers.ts";

const [path = "", name = "", forMillis = "0"] = process.argv.slice(2);
const store = openStore({ path, busyTimeoutMillis: 5 });
writeSync(1, "ready\n");
await once(process.stdin, "data");
process.stdin.destroy();
const endAtMillis = Date.now() + Number(forMillis);
let acknowledged = 0;
let busy = 0;
for (let batch = 0; Date.now() < endAtMillis; batch++) {
  const facts = Array.from({ length: 5 }, (_, i) =>
    call({
      sessionId: name,
      taskId: undefined,
      requestId: `${name}-${batch}-${i}`,
      responseId: `m-${name}-${batch}-${i}`,
      endedAtMillis: NOON + batch * 100 + i,
    }),
  );
  await retryBusy(() => store.write({ facts }), { patienceMillis: 30_000, onBusy: () => (busy += 1) });
  acknowledged += facts.length;
}
store.close();
writeSync(1, JSON.stringify({ acknowledged, busy }));
