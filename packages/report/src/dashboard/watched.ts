/** What is watched beside the figures. It takes as long to read as they do, and a minute makes no difference to it. */
import type { Alert } from "../budgets/alerts.ts";
import { readTokenWarnings, watchSettings } from "../budgets/budget-report.ts";
import type { TokenWarnings } from "../budgets/types.ts";
import { atMoment } from "../budgets/windows.ts";
import { telemetryAlerts } from "../telemetry/telemetry-alerts.ts";
import type { DashboardQuestion, DashboardSource } from "./question.ts";

/** What the store says of it. */
export interface WatchedAnswers {
  /** Sessions and tasks of today that used many tokens. */
  readonly tokenWarnings: TokenWarnings;
  /** Agents whose telemetry stopped or tells less. */
  readonly telemetry: readonly Alert[];
}

/** Before it was asked. */
export const NOTHING_WATCHED: WatchedAnswers = Object.freeze({
  tokenWarnings: { threshold: 0, counts: "total" as const, peaks: [] },
  telemetry: [],
});

/** Two questions to the ledger. */
export function readWatched(source: DashboardSource, question: DashboardQuestion): WatchedAnswers {
  const { calendar, weekStart, nowMillis, config } = question;
  const { models, products, ...named } = question.filter;
  const settings = watchSettings(config);
  return {
    tokenWarnings: readTokenWarnings(source, {
      ...settings,
      // Tokens have a model, those who used them do not.
      warnThreshold: models === undefined ? settings.warnThreshold : 0,
      ...{ calendar, weekStart, range: atMoment(nowMillis), filter: { products, ...named } },
    }),
    // Telemetry is a product's as a whole.
    telemetry: telemetryAlerts(source.ledger, nowMillis).filter(
      ({ subject }) => products?.includes(subject ?? "") ?? true,
    ),
  };
}
