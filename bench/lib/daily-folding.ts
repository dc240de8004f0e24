/** Folds the rollups of a day when facts of the next one arrive, as maintenance does. */
import { DAY_MILLIS, type Fact } from "@moai-metrics/model";
import { WORKLOAD_START_MILLIS } from "./workload.ts";

/** Two hours after midnight all facts of the day before have arrived. */
const SETTLE_MILLIS = 2 * 3_600_000;

/**
 * @param fold folds the days that are over at a moment, in milliseconds since 1970.
 * @returns what to call with the last fact of each group that was written in the order of time.
 */
export function createDailyFolding(fold: (nowMillis: number) => void): (last: Fact | undefined) => void {
  let nextMillis = WORKLOAD_START_MILLIS + DAY_MILLIS + SETTLE_MILLIS;
  return (last) => {
    if (last?.kind !== "model_call" || last.endedAtMillis < nextMillis) return;
    fold(last.endedAtMillis);
    nextMillis += DAY_MILLIS;
  };
}
