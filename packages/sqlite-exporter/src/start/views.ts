/** Views that let only the catalogue's attributes onto our metrics, so that no id ever becomes a label. */
import { CONVENTIONS, emittedNames, knownNames, METRICS } from "@moai-metrics/model";
import { createAllowListAttributesProcessor, type ViewOptions } from "@opentelemetry/sdk-metrics";

/** One view per metric of the catalogue and name it may be emitted under, for the meter of the instrumentation. */
export function catalogueViews(meterName: string): ViewOptions[] {
  return Object.values(METRICS).flatMap((metric) => {
    const allowed = metric.attributes.flatMap((key) => knownNames(key));
    return emittedNames(metric.key, "both").map((instrumentName) => ({
      instrumentName,
      meterName,
      attributesProcessors: [createAllowListAttributesProcessor(allowed)],
    }));
  });
}

/** The meter of `@moai-metrics/instrumentation`. */
export const INSTRUMENTATION_METER = "@moai-metrics/instrumentation";

/** Names of attributes of a resource. */
export const RESOURCE_NAMES = {
  serviceName: CONVENTIONS.serviceName.names.g3,
  serviceInstanceId: CONVENTIONS.serviceInstanceId.names.g3,
} as const;
