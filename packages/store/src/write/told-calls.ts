/** The short way of a call that is told once: from its report into its row and into all that is added up. */
import type { CountedFact } from "../live/types.ts";
import { callContribution } from "../rollup/contributions.ts";
import { costOfReport } from "./call-cost.ts";
import { type CallOwners, rowIdsOf, type ToldCall } from "./call-entry.ts";
import type { CallBooks } from "./call-row-writer.ts";
import type { CallShapes } from "./call-shapes.ts";
import { firstSlotOf, SLOTS } from "./locator.ts";
import { type CallCost, encodeReport, MODEL_CALL_COLUMNS, moveReport } from "./model-call-codec.ts";
import { NO_STRING } from "./strings.ts";

export interface ToldCalls {
  /** Writes and counts a call, when its owners are settled; false when other rows are in all places of its first key. */
  write(call: ToldCall): boolean;
}

/** What the rows of all calls have in common. */
interface CallTable {
  readonly shapes: CallShapes;
  /** Writes a row, unless another one is in its place. */
  insertRow(id: number, row: readonly (number | null)[]): boolean;
  addAlias(quarterHour: number, key: number, callId: number): void;
  moveTotals(owners: CallOwners, added: CountedFact | undefined, sign: 1 | -1): void;
}

export function createToldCalls(
  { strings, changes, coverage, prices, priceBook }: CallBooks,
  { shapes, insertRow, addAlias, moveTotals }: CallTable,
): ToldCalls {
  /** The row that is written; its values are copied at once. */
  const row = MODEL_CALL_COLUMNS.map((): number | null => null);

  const place = (call: ToldCall, cost: CallCost): boolean => {
    const { fact, quarterHour, requestKey, responseKey, owners } = call;
    const key = requestKey ?? responseKey ?? 0;
    const firstSlot = firstSlotOf(quarterHour, key);
    const otherKey = requestKey === undefined ? undefined : responseKey;
    encodeReport(row, fact, { id: firstSlot, key }, otherKey, cost, rowIdsOf(owners), shapes, strings);
    for (let id = firstSlot; id < firstSlot + SLOTS; id++) {
      if (id !== firstSlot) moveReport(row, { id, key });
      if (!insertRow(id, row)) continue;
      if (otherKey !== undefined) addAlias(quarterHour, otherKey, id);
      return true;
    }
    return false;
  };

  const contribution = ({ fact, owners: { session, task } }: ToldCall, cost: CallCost): CountedFact => {
    const { errorType } = fact;
    return callContribution(
      {
        productId: session.productId,
        projectId: session.projectId,
        agentId: task === undefined ? NO_STRING : task.agentId,
        modelId: strings.idOf(fact.model),
      },
      {
        endedAtMillis: fact.endedAtMillis,
        durationMillis: fact.durationMillis,
        firstChunkMillis: fact.firstChunkMillis,
        tokens: fact.usage,
        hasError: Boolean(errorType),
        errorTypeId: errorType ? strings.idOf(errorType) : undefined,
        labelsId: session.labelsId,
        costNanoUsd: cost.nanoUsd,
        isCostReported: cost.isReported,
      },
    );
  };

  return {
    write(call) {
      const cost = costOfReport(call.fact, priceBook, prices);
      if (!place(call, cost)) return false;
      const added = contribution(call, cost);
      changes.replace(undefined, added);
      coverage.touch(call.fact.endedAtMillis);
      moveTotals(call.owners, added, 1);
      return true;
    },
  };
}
