/** What the configuration says to the store. */
import type { MetricsConfig } from "@moai-metrics/settings";
import type { StoreSettingsOptions } from "./settings.ts";

/** The settings of the store in a configuration. */
export function storeSettingsOf({ retention, compression }: MetricsConfig): StoreSettingsOptions {
  const { maxBytes, ...periods } = retention;
  return { retention: periods, compression, maxBytes };
}
