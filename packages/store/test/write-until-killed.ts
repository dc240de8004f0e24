/** A process for the crash tests: writes ten calls a batch, each batch a session, and prints what was acknowledged. */
import { writeSync } from "node:fs";
import { openStore } from "../src/index.ts";
import { call, NOON, task } from "./helpers.ts";

const [path = "", name = "", batches = "0"] = process.argv.slice(2);
const store = openStore({ path, busyTimeoutMillis: 20_000 });
for (let batch = 0; batch < Number(batches); batch++) {
  const sessionId = `${name}-${batch}`;
  const calls = Array.from({ length: 10 }, (_, i) =>
    call({
      sessionId,
      taskId: sessionId,
      requestId: `${sessionId}-${i}`,
      responseId: `m-${sessionId}-${i}`,
      endedAtMillis: NOON + batch * 1_000 + i,
    }),
  );
  store.write({ facts: [task({ sessionId, taskId: sessionId, agent: name }), ...calls] });
  // Synchronous, so that what is printed was acknowledged before a kill, and what was acknowledged is printed.
  writeSync(1, `${sessionId}\n`);
}
store.close();
