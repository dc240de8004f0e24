/** Follows the processes that the Claude Agent SDK starts. */

import { currentScope } from "../../current-scope.ts";
import { isStream, observeStream } from "../../observe-stream.ts";
import { countDrop, guarded, isRecording } from "../../registry.ts";
import { type Shape, shapeOf } from "../../usage/shape.ts";
import { telemetryFor } from "./log-receiver.ts";
import { isTelemetryWanted, planOptions } from "./plan-options.ts";
import { createTeller, type Teller } from "./teller.ts";

type AnyFunction = (...args: unknown[]) => unknown;

/** Follows `query({ prompt, options })`, whose stream tells how each prompt ended. */
export function followQuery(query: AnyFunction, params: unknown): unknown {
  const followed = isRecording() ? guarded(() => follow(params)) : undefined;
  if (followed === undefined) return query(params);
  const stream = query(followed.params);
  if (!isStream(stream)) return stream;
  const { teller } = followed;
  return observeStream(stream, {
    run: (step) => step(),
    chunk: teller.message,
    ended: () => teller.end(),
    failed: teller.fail,
    left: () => teller.end(),
  });
}

/** Follows `startup({ options })` and `prewarm({ options })`: what is asked later is told by hooks and logs. */
export function followStart(start: AnyFunction, params: unknown): unknown {
  const followed = isRecording() ? guarded(() => follow(params)) : undefined;
  return start(followed === undefined ? params : followed.params);
}

function follow(params: unknown): { readonly params: Shape; readonly teller: Teller } {
  const given = shapeOf(params) ?? {};
  const options = shapeOf(given["options"]) ?? {};
  const teller = createTeller();
  // The calls are those of Claude Code's session; whatever is returned around it is their sum.
  for (let task = currentScope()?.task; task !== undefined; task = task.parent) task.hasUsageInside = true;
  const environment = (shapeOf(options["env"]) ?? process.env) as Readonly<Record<string, string | undefined>>;
  const isOurs = isTelemetryWanted(environment);
  if (!isOurs) countDrop("telemetry of Claude Code that goes elsewhere");
  const telemetry = isOurs ? telemetryFor(teller.log) : {};
  const planned = planOptions(options, { environment: { ...environment, ...telemetry }, hear: teller.hook });
  return { params: { ...given, options: planned }, teller };
}
