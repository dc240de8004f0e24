/** Which measures of quality the project's owner wants stored. */
import type { QualityMeasure } from "@moai-metrics/model";
import {
  DEFAULT_CONFIG,
  type Environment,
  loadConfig,
  type MetricsConfig,
  shownMeasures,
} from "@moai-metrics/settings";
import { diag } from "@opentelemetry/api";
import { messageOf } from "../message-of.ts";

/** Asks the settings that hold in the working directory; a file that cannot be used is told, and the defaults hold. */
export function measuredHere(environment: Environment): readonly QualityMeasure[] {
  const config = configHere(environment);
  return config.isEnabled ? shownMeasures(config) : [];
}

function configHere(environment: Environment): MetricsConfig {
  try {
    return loadConfig({ environment, folder: process.cwd() }).config;
  } catch (error) {
    diag.warn(`moai-metrics: ${messageOf(error)} Quality is recorded by the defaults.`);
    return DEFAULT_CONFIG;
  }
}
