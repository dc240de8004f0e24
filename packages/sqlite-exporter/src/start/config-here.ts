/** The settings of the project that an application runs in. */
import { DEFAULT_CONFIG, type Environment, loadConfig, type MetricsConfig } from "@moai-metrics/settings";
import { diag } from "@opentelemetry/api";
import { messageOf } from "../message-of.ts";
import type { PointBufferOptions } from "../writer/point-buffer.ts";

/** What holds in the working folder. A file that cannot be used is told, and the defaults hold: an agent goes on. */
export function configHere(environment: Environment): MetricsConfig {
  try {
    return loadConfig({ environment, folder: process.cwd() }).config;
  } catch (error) {
    diag.warn(`moai-metrics: ${messageOf(error)} The defaults hold.`);
    return DEFAULT_CONFIG;
  }
}

/** How points wait, by the settings. */
export function bufferOf({ buffer }: MetricsConfig): PointBufferOptions {
  return { maxPoints: buffer.maxPoints, flushIntervalMillis: buffer.flushIntervalMillis };
}
