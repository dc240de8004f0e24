/** The instrumentation scope of what the store tells. */
import type { InstrumentationScope } from "@opentelemetry/core";

export const MOAI_SCOPE: InstrumentationScope = Object.freeze({ name: "@moai-metrics/store" });
