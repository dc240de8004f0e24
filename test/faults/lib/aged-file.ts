/** A file with something for every part of maintenance to do. */
import { DAY_MILLIS } from "@moai-metrics/model";
import { makeSpecimen, type Specimen } from "./specimen.ts";
import type { Expectation } from "./verify.ts";

/** Two hundred days beyond what the ledger keeps; forty days in which points lie in every tier. */
const OLD = { writer: "old", batches: 30, stepMillis: 20 * DAY_MILLIS };
const NEW = { writer: "new", batches: 60, stepMillis: (2 * DAY_MILLIS) / 3 };
/** The defaults of the store. */
const LEDGER_DAYS = 400;
const POINT_DAYS = 30;
/** Days are UTC days, and maintenance runs as on two of them. */
const MARGIN_DAYS = 3;

/** Makes the file. */
export function makeAgedFile(folder: string): Promise<Specimen> {
  return makeSpecimen(folder, "aged", [OLD, NEW]);
}

/** What must still be there after maintenance at a time. */
export function expectedAfterMaintenance(nowMillis: number): Expectation {
  return {
    factsSince: nowMillis - (LEDGER_DAYS - MARGIN_DAYS) * DAY_MILLIS,
    pointsSince: nowMillis - (POINT_DAYS - MARGIN_DAYS) * DAY_MILLIS,
  };
}
