/**
 * Records the agent runs and the tools of the OpenAI Agents SDK. Its model calls are those of the SDK below it. Its trace
 * processors and its events tell of all this, too, but neither can put the calls inside under a task, and tracing is
 * off where `NODE_ENV` is `test` or the application does not want it.
 */
import { withAttempts } from "../../open-call.ts";
import { isRecording } from "../../registry.ts";
import type { PatchFile } from "../contract.ts";
import { prototypeOf, wrapMethod } from "../wrap-method.ts";
import { followAttempts } from "./follow-attempts.ts";
import { followRun } from "./follow-run.ts";
import { followToolMaker } from "./follow-tool-maker.ts";

type AnyFunction = (...args: unknown[]) => unknown;

const WRAPPERS: Readonly<Record<string, (original: AnyFunction) => AnyFunction>> = {
  tool: followToolMaker,
  getResponseWithRetry:
    (original) =>
    (...args) =>
      isRecording() ? withAttempts(() => original(...args) as Promise<unknown>) : original(...args),
  getStreamedResponseWithRetry:
    (original) =>
    (...args) =>
      followAttempts(original(...args)),
};

/** Names that each file must define. */
const WANTED: Readonly<Record<string, readonly string[]>> = {
  "dist/tool": ["tool"],
  "dist/runner/modelRetry": ["getResponseWithRetry", "getStreamedResponseWithRetry"],
};

export const patchOpenAiAgents: PatchFile = (path, bindings) => {
  if (path === "dist/run") {
    const isWrapped = wrapMethod(prototypeOf(bindings["Runner"]), "run", followRun);
    return { missing: isWrapped ? [] : ["Runner.run"] };
  }
  const wanted = WANTED[path] ?? [];
  const found = wanted.filter((name) => typeof bindings[name] === "function");
  const replacements = found.map((name) => [name, WRAPPERS[name]?.(bindings[name] as AnyFunction)]);
  return {
    missing: wanted.filter((name) => !found.includes(name)),
    replacements: Object.fromEntries(replacements),
  };
};
