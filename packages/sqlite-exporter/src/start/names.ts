/** Names that the set-up looks for. */
import { CONVENTIONS } from "@moai-metrics/model";

/** The scope of the spans and metrics of `@moai-metrics/instrumentation`. */
export const INSTRUMENTATION_SCOPE = "@moai-metrics/instrumentation";

/** Names of attributes of a resource. */
export const RESOURCE_NAMES = {
  serviceName: CONVENTIONS.serviceName.names.g3,
  serviceInstanceId: CONVENTIONS.serviceInstanceId.names.g3,
} as const;
