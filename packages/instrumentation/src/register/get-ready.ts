/** What loading `register` does to the process. */
import { registry, startBeforeFirstUse } from "../registry.ts";
import { createStart } from "./start.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Loading it a second time, under another name or from another copy, changes nothing. */
const LOADED_KEY = Symbol.for("moai-metrics.instrumentation.register");

/** Gets ready, unless an environment variable switches metrics off. Never throws. */
export function getReady(environment: Environment): void {
  const shared = globalThis as { [LOADED_KEY]?: true };
  if (shared[LOADED_KEY] || !registry.settings.isEnabled || isTrue(environment["OTEL_SDK_DISABLED"])) return;
  shared[LOADED_KEY] = true;
  startBeforeFirstUse(createStart(environment).start);
}

function isTrue(value: string | undefined): boolean {
  const text = value?.trim().toLowerCase();
  return text === "true" || text === "1";
}
