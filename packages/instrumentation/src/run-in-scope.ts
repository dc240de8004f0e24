/** Runs code inside a scope. */
import { context } from "@opentelemetry/api";
import { registry } from "./registry.ts";
import type { Scope } from "./scope.ts";

/** Runs `work` with `scope` as the current one, and its span as OpenTelemetry's active span; across awaits. */
export function runInScope<T>(scope: Scope, work: () => T): T {
  return registry.scopes.run(scope, () => context.with(scope.context, work));
}
