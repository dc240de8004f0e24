/** Opens a file for writing and then for reading, and tells on two lines what came of it. */
import { writeSync } from "node:fs";
import { openStore, StoreError } from "@moai-metrics/store";
import { factsOf, type Workload } from "../lib/workload.ts";

const options = JSON.parse(process.argv[2] ?? "{}") as Workload & { readonly path: string };

function outcomeOf(work: () => string): string {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return error.code;
  }
}

const written = outcomeOf(() => {
  using store = openStore({ path: options.path });
  store.write({ facts: factsOf(options, 0) });
  return "written";
});
const read = outcomeOf(() => {
  using store = openStore({ path: options.path, readOnly: true });
  return `${store.ledger.sessions({}).length} sessions`;
});
writeSync(1, `${written}\n${read}\n`);
