/** What Codex's `config.toml` shall say. Source: its table `[otel]` as of 0.169. Pure. */
import { isDeepStrictEqual } from "node:util";
import type { Wish } from "../plan-settings.ts";
import type { TelemetryPlan } from "./claude-code.ts";
import type { Destination } from "./destination.ts";

/** Keys of `[otel]`, and the signal of each. Spans repeat the log without ids, so they are not asked for. */
const EXPORTERS = { metrics_exporter: "metrics", exporter: "logs" } as const;

/**
 * The exporters of logs and metrics, unless the user chose others.
 *
 * @param given the table `[otel]` as it is.
 * @param ours what we wrote there earlier, by keys.
 */
export function planCodexTelemetry(
  given: Readonly<Record<string, unknown>>,
  ours: Readonly<Record<string, unknown>>,
  { url, token }: Destination,
): TelemetryPlan {
  const headers = token === undefined ? {} : { headers: { Authorization: `Bearer ${token}` } };
  const wishes: Wish[] = [];
  for (const [key, signal] of Object.entries(EXPORTERS)) {
    const value = { "otlp-http": { endpoint: `${url}/v1/${signal}`, protocol: "binary", ...headers } };
    const known = given[key];
    if (known !== undefined && !isDeepStrictEqual(known, value) && !isDeepStrictEqual(known, ours[key])) {
      return { wishes: [], refusal: `otel.${key} is set there to something else` };
    }
    wishes.push({ kind: "value", path: ["otel", key], value });
  }
  return { wishes, refusal: undefined };
}
