/** Which alerts are news, so that each is told once. Pure. */
import type { Alert } from "@moai-metrics/report";

/** What was told: the state of each alert, and when, by the alerts' keys. */
export type Told = Readonly<Record<string, { readonly state: Alert["state"]; readonly atMillis: number }>>;

/** What to tell, and what to remember when it was told. */
export interface PlannedTelling {
  /** Alerts that were not told in this state. */
  readonly news: readonly Alert[];
  readonly told: Told;
}

/** Sessions are taken up again for weeks; what they used does not shrink meanwhile. */
const KEPT_MILLIS = 40 * 86_400_000;
/** Keys of alerts about what may be well again. */
const PASSING = /^(?:budget|telemetry) /;

/**
 * An alert is news when it is in another state than it was told in. A budget that holds again and telemetry that is back
 * are forgotten, so that the next time is news; tokens once used stay used, so those alerts are remembered for forty days.
 */
export function planTold(alerts: readonly Alert[], told: Told, nowMillis: number): PlannedTelling {
  const present = new Set(alerts.map(({ key }) => key));
  const kept = Object.entries(told).filter(
    ([key, { atMillis }]) => present.has(key) || (!PASSING.test(key) && nowMillis - atMillis < KEPT_MILLIS),
  );
  const news = alerts.filter(({ key, state }) => told[key]?.state !== state);
  return {
    news,
    told: Object.fromEntries([
      ...kept,
      ...news.map(({ key, state }): [string, Told[string]] => [key, { state, atMillis: nowMillis }]),
    ]),
  };
}
