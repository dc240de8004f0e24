/** Looks after the file. Run it: `node maintain.ts metrics.db backup.db`. */
import { openStore } from "@moai-metrics/store";

const [path = "metrics.db", target = "backup.db"] = process.argv.slice(2);
using store = openStore({ path, settings: { retention: { ledgerDays: 200 } } });

// Once a day is enough. It works in small steps: others read and write meanwhile, and of several processes one does it.
const { state, deleted } = await store.maintain({ nowMillis: Date.now(), maxMillis: 5_000 });
console.log(`maintenance: ${state}, deleted ${JSON.stringify(deleted)}`);

const { isSound, parts } = store.check();
console.log(`check: ${parts.map(({ name }) => name).join(", ")} ${isSound ? "hold" : "do not hold"}`);

const backup = await store.backUp({ target });
console.log(`backup: ${backup.bytes > 0 ? "written" : "empty"}`);
