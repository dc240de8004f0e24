/** Warnings through OpenTelemetry's `diag`, few enough to be read. */
import { diag } from "@opentelemetry/api";

const QUIET_MILLIS = 60_000;

/** Creates a warning that speaks at most once a minute, and says then how often it was silent. */
export function createRareWarning(now: () => number = Date.now): (message: string) => void {
  let quietUntilMillis = Number.NEGATIVE_INFINITY;
  let silenced = 0;
  return (message) => {
    const millis = now();
    if (millis < quietUntilMillis) {
      silenced += 1;
      return;
    }
    diag.warn(silenced === 0 ? message : `${message} (and ${silenced} more like this)`);
    quietUntilMillis = millis + QUIET_MILLIS;
    silenced = 0;
  };
}
