/** A process for the tests: folds, keeps zones and rebuilds by turns until its input ends, then prints how often. */
import { once } from "node:events";
import { writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { openStore, retryBusy } from "../../src/index.ts";

const [path = "", nowMillis = ""] = process.argv.slice(2);
const store = openStore({ path, busyTimeoutMillis: 5 });
let isTold = false;
void once(process.stdin, "data").then(() => (isTold = true));
writeSync(1, "ready\n");
let rounds = 0;
for (; !isTold; rounds++) {
  const patience = { patienceMillis: 30_000 };
  await retryBusy(() => store.foldRollups(Number(nowMillis)), patience);
  if (rounds === 3) await retryBusy(() => store.keepZone("Asia/Seoul"), patience);
  await sleep(2);
}
store.close();
process.stdin.destroy();
writeSync(1, JSON.stringify({ rounds }));
