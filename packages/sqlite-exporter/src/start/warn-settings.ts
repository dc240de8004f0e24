/** From which tokens on an application is warned: what it says itself, else what the configuration says. */
import type { InstrumentationSettings } from "@moai-metrics/instrumentation";
import type { MetricsConfig } from "@moai-metrics/settings";

/** What the application says; everything may be left out. */
interface WarnOptions {
  readonly onWarn?: WarnSettings["onWarn"];
  readonly warnThreshold?: number | undefined;
  readonly warnCounts?: "new" | "total" | undefined;
}

/** The settings of the instrumentation that warnings need. */
type WarnSettings = Pick<InstrumentationSettings, "warnThreshold" | "warnCounts" | "onWarn">;

/** @throws TypeError for an option that makes no sense. */
export function checkWarnOptions({ warnThreshold, warnCounts, onWarn }: WarnOptions): void {
  if (warnThreshold !== undefined && !(Number.isInteger(warnThreshold) && warnThreshold >= 0)) {
    throw new TypeError(
      `warnThreshold is ${String(warnThreshold)}; give a whole number of tokens, 0 for never, or leave it out.`,
    );
  }
  if (warnCounts !== undefined && warnCounts !== "new" && warnCounts !== "total") {
    throw new TypeError(`warnCounts is ${JSON.stringify(warnCounts)}; give "new" or "total", or leave it out.`);
  }
  if (onWarn !== undefined && typeof onWarn !== "function") {
    throw new TypeError(`onWarn is ${JSON.stringify(onWarn)}; give a function that takes a warning, or leave it out.`);
  }
}

/** What holds: the options, else the configuration. */
export function warnSettings(
  { onWarn, warnThreshold, warnCounts }: WarnOptions,
  { tokens }: MetricsConfig,
): WarnSettings {
  return { warnThreshold: warnThreshold ?? tokens.warnThreshold, warnCounts: warnCounts ?? tokens.warnCounts, onWarn };
}
