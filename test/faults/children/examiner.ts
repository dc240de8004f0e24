/** Opens a file that may be damaged, reads all of it, writes a little, and tells on one line what came of it. */
import { writeSync } from "node:fs";
import { openStore, StoreError } from "@moai-metrics/store";
import { factsOf, POINT_METRIC, pointsOf, type Workload } from "../lib/workload.ts";

/** What the parent asks for. */
export interface ExaminerArguments extends Workload {
  readonly path: string;
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
    if (!store.check().isSound) return "check";
    store.write({ facts: factsOf(options, 0) });
    store.writePoints(pointsOf(options, 0));
    return "ok";
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return error.code;
  }
}

writeSync(1, `${examine()}\n`);
