/**
 * Records the model calls, tool calls and agent runs that go through the Vercel AI SDK. Its telemetry channel says
 * nothing of calls with `telemetry.isEnabled: false`, and leaves out the usage of streams, so the models are followed.
 */
import { runAgent } from "../../agent-run.ts";
import { withAttempts } from "../../open-call.ts";
import { isRecording } from "../../registry.ts";
import { shapeOf, textOf } from "../../usage/shape.ts";
import type { PatchFile } from "../contract.ts";
import { prototypeOf, wrapMethod } from "../wrap-method.ts";
import { followModel } from "./follow-model.ts";
import { runTool } from "./run-tool.ts";

type AnyFunction = (...args: unknown[]) => unknown;

const WRAPPERS: Readonly<Record<string, (original: AnyFunction) => AnyFunction>> = {
  resolveLanguageModel: resolveFollowed,
  resolveEmbeddingModel: resolveFollowed,
  prepareRetries: (original) => (options) => groupAttempts(original(options)),
  executeToolCall: (original) => (options) => runTool(options, () => original(options)),
};

/** The name of an agent that was given no id. */
const UNNAMED_AGENT = "ToolLoopAgent";

export const patchVercel: PatchFile = (_, bindings) => {
  const found = Object.entries(WRAPPERS).filter(([name]) => typeof bindings[name] === "function");
  const replacements = found.map(([name, wrap]) => [name, wrap(bindings[name] as AnyFunction)]);
  const missing = Object.keys(WRAPPERS).filter((name) => typeof bindings[name] !== "function");
  for (const method of ["generate", "stream"]) {
    const isWrapped = wrapMethod(prototypeOf(bindings["ToolLoopAgent"]), method, (self, _args, work) =>
      runAgent(textOf(shapeOf(self)?.["id"]) ?? UNNAMED_AGENT, work),
    );
    if (!isWrapped) missing.push(`ToolLoopAgent.${method}`);
  }
  return { missing, replacements: Object.fromEntries(replacements) };
};

function resolveFollowed(original: AnyFunction): AnyFunction {
  return (model) => followModel(original(model));
}

/** What a call's retries are made with: `{ maxRetries, retry }`. */
function groupAttempts(prepared: unknown): unknown {
  const retry = shapeOf(prepared)?.["retry"];
  if (typeof retry !== "function") return prepared;
  const grouped = (attempt: unknown): unknown =>
    isRecording() ? withAttempts(() => retry(attempt) as Promise<unknown>) : retry(attempt);
  return { ...(prepared as object), retry: grouped };
}
