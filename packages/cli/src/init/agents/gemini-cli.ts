/** What Gemini CLI's settings shall say. Source: its page "Telemetry" as of 0.61. Pure. */
import type { Wish } from "../plan-settings.ts";
import type { TelemetryPlan } from "./claude-code.ts";
import type { Destination } from "./destination.ts";

type Settings = Readonly<Record<string, unknown>>;

/** Variables that outrank the settings file, by its keys. */
const VARIABLES: Readonly<Record<string, string>> = {
  enabled: "GEMINI_TELEMETRY_ENABLED",
  target: "GEMINI_TELEMETRY_TARGET",
  otlpEndpoint: "GEMINI_TELEMETRY_OTLP_ENDPOINT",
  otlpProtocol: "GEMINI_TELEMETRY_OTLP_PROTOCOL",
  outfile: "GEMINI_TELEMETRY_OUTFILE",
};

/**
 * The switches of telemetry, unless the user sends it somewhere else or turned it off. Prompts travel by default once
 * telemetry is on, so that is turned off, unless the user decided it.
 *
 * @param given the object `telemetry` as it is.
 * @param ours what we wrote there earlier.
 */
export function planGeminiTelemetry(
  given: Settings,
  ours: Settings,
  shell: Settings,
  { url, token }: Destination,
): TelemetryPlan {
  if (token !== undefined) {
    // Its exporter takes headers from the environment alone, which is not ours to set.
    const remedy = "Each time: moai-metrics run -- gemini";
    return {
      wishes: [],
      refusal: `settings have no place for the token that receiver.requireToken asks for. ${remedy}`,
    };
  }
  const wanted: Settings = { enabled: true, otlpEndpoint: url, otlpProtocol: "http" };
  const isForeign = (key: string, value: unknown): boolean => {
    if (value === undefined || value === "" || value === ours[key]) return false;
    if (key === "target") return value !== "local";
    return String(value) !== String(wanted[key]);
  };
  const key = Object.keys(VARIABLES).find((name) => isForeign(name, given[name]));
  if (key !== undefined) return { wishes: [], refusal: `telemetry.${key} is set there to something else` };
  const variable = Object.entries(VARIABLES).find(([name, variableName]) => isForeign(name, shell[variableName]))?.[1];
  if (variable !== undefined) return { wishes: [], refusal: `${variable} is set in the environment to something else` };
  const isPromptDecided = given["logPrompts"] !== undefined && ours["logPrompts"] === undefined;
  const values = isPromptDecided ? wanted : { ...wanted, logPrompts: false };
  const wishes: Wish[] = Object.entries(values).map(([name, value]) => ({
    kind: "value",
    path: ["telemetry", name],
    value,
  }));
  return { wishes, refusal: undefined };
}
