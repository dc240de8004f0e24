/** Folds the rollups of a day when facts of the next one arrive, as maintenance does. */
import { DAY_MILLIS, type Fact } from "@moai-metrics/model";
import type { Store } from "@moai-metrics/store";
import { WORKLOAD_START_MILLIS } from "./workload.ts";

/** Two hours after midnight all facts of the day before have arrived. */
const SETTLE_MILLIS = 2 * 3_600_000;

/** @returns what to call with the last fact of each group that was written in the order of time. */
export function createDailyFolding(store: Store): (last: Fact | undefined) => void {
  let nextMillis = WORKLOAD_START_MILLIS + DAY_MILLIS + SETTLE_MILLIS;
  return (last) => {
    if (last?.kind !== "model_call" || last.endedAtMillis < nextMillis) return;
    store.foldRollups(last.endedAtMillis);
    nextMillis += DAY_MILLIS;
  };
}
