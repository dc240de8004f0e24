/** Opens a file that may be damaged, reads all of it, writes a little, and tells on one line what came of it. */
import { writeSync } from "node:fs";
import { openStore, StoreError } from "@moai-metrics/store";
import { factsOf, POINT_METRIC, pointsOf, type Workload } from "../lib/workload.ts";

/** What the parent asks for. */
export interface ExaminerArguments extends Workload {
  readonly path: string;
  readonly batch: number;
}

const options = JSON.parse(process.argv[2] ?? "{}") as ExaminerArguments;

function examine(): string {
  try {
    using store = openStore({ path: options.path });
    store.ledger.sessions({});
    store.ledger.tasks({});
    store.ledger.tools({});
    store.ledger.usage({ by: ["product", "project", "agent", "model"] });
    store.points(POINT_METRIC);
    const differences = store.checkRollups();
    if (differences.length > 0) return "rollups differ";
    store.write({ facts: factsOf(options, options.batch) });
    store.writePoints(pointsOf(options, options.batch));
    return "ok";
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return error.code;
  }
}

writeSync(1, `${examine()}\n`);
