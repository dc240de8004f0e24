/** Views that let only the catalogue's attributes onto our metrics, so that no id ever becomes a label. */
import { isCatalogueLabels } from "@moai-metrics/instrumentation/set-up";
import { emittedNames, knownNames, METRICS } from "@moai-metrics/model";
import { createAllowListAttributesProcessor, type ViewOptions } from "@opentelemetry/sdk-metrics";

type AttributesProcessor = ReturnType<typeof createAllowListAttributesProcessor>;

/** One view per metric of the catalogue and name it may be emitted under, for the meter of the instrumentation. */
export function catalogueViews(meterName: string): ViewOptions[] {
  return Object.values(METRICS).flatMap((metric) => {
    const allowed = metric.attributes.flatMap((key) => knownNames(key));
    return emittedNames(metric.key, "both").map((instrumentName) => ({
      instrumentName,
      meterName,
      attributesProcessors: [unlessChosen(createAllowListAttributesProcessor(allowed))],
    }));
  });
}

/** What the instrumentation has chosen from the catalogue itself needs no second look: this is done for every value. */
function unlessChosen(allowList: AttributesProcessor): AttributesProcessor {
  return {
    process: (attributes, context) =>
      isCatalogueLabels(attributes) ? attributes : allowList.process(attributes, context),
  };
}
