/** How meters and tracers name this library. */
import { conventionName, type Generation } from "@moai-metrics/model";

/** Name of the instrumentation scope. */
export const LIBRARY_NAME = "@moai-metrics/instrumentation";

/** Version of the instrumentation scope. */
export const LIBRARY_VERSION = "0.1.0";

/** The schema address that belongs to a generation of names. */
export function schemaUrlOf(generation: Generation): string {
  return conventionName("schemaUrl", generation) ?? "";
}
