/** What readers are shown of the store: its live counters, and how budgets stand. */
import { type ExposedAnswer, type ExposureQuestion, retryBusy, type UsableStore } from "@moai-metrics/store";
import type { BudgetGauges } from "./budget-gauges.ts";

/** For scrapers and pushes alike. */
export interface ShownMetrics {
  /** @throws StoreError while the file cannot be used. */
  expose(question: ExposureQuestion): Promise<ExposedAnswer>;
  /** The reader has what it was shown last. @throws StoreError as `expose`. */
  confirm(reader: string): Promise<void>;
}

/** A scrape waits for ten seconds. */
const PATIENCE = { patienceMillis: 3_000 };

/** @param budgets nothing when absent. */
export function createShownMetrics(file: UsableStore, budgets: BudgetGauges = () => []): ShownMetrics {
  return {
    expose: (question) =>
      retryBusy(
        () =>
          file.use((store) => {
            const answer = store.exposed.expose(question);
            const gauges = budgets(store).filter(({ series }) => series.length > 0);
            return { ...answer, metrics: [...answer.metrics, ...gauges] };
          }),
        PATIENCE,
      ),
    confirm: (reader) => retryBusy(() => file.use((store) => store.exposed.confirm(reader)), PATIENCE),
  };
}
