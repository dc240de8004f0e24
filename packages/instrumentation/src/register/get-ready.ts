/** What loading `register` does to the process. */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { guarded, registry, startBeforeFirstUse } from "../registry.ts";
import { installHooks } from "./hooks.ts";
import { createStart } from "./start.ts";
import { TELL_KEY } from "./tail.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Loading it a second time, under another name or from another copy, changes nothing. */
const LOADED_KEY = Symbol.for("moai-metrics.instrumentation.register");

/** Gets ready, unless an environment variable switches metrics off. Never throws. */
export function getReady(environment: Environment): void {
  const shared = globalThis as Record<symbol, unknown>;
  if (shared[LOADED_KEY] === true || !registry.settings.isEnabled || isTrue(environment["OTEL_SDK_DISABLED"])) return;
  shared[LOADED_KEY] = true;
  const { prepare, start } = createStart(environment);
  startBeforeFirstUse(start);
  shared[Symbol.for(TELL_KEY)] = (packageName: string, path: string, bindings: Record<string, unknown>): unknown => {
    const replacements = guarded(() => loadApply().applyPatch(packageName, path, bindings));
    prepare();
    return replacements;
  };
  installHooks();
}

/** What patches is loaded with the first file that is to be patched. */
function loadApply(): typeof import("../sdks/apply.ts") {
  return createRequire(import.meta.url)(fileURLToPath(new URL("../sdks/apply.ts", import.meta.url)));
}

function isTrue(value: string | undefined): boolean {
  const text = value?.trim().toLowerCase();
  return text === "true" || text === "1";
}
