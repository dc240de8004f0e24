/** Cumulative series of an open file. */
import type { Database } from "better-sqlite3";
import { createQueryContext } from "../query/context.ts";
import { readAskedSpan } from "./asked-span.ts";
import { readHistory } from "./read-history.ts";
import { readState } from "./read-state.ts";
import type { CumulativeReader } from "./types.ts";

/** A history is read while it is gone through: what it tells is of one state only inside `Store.inOneState`. */
export function createCumulativeReader(database: Database): CumulativeReader {
  const context = createQueryContext(database);
  return {
    state: (question) => context.inOneState(() => readState(context, question, readAskedSpan(context, question))),
    history: (question) => readHistory(context, question, readAskedSpan(context, question)),
  };
}
