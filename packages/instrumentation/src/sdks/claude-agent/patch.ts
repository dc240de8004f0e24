/**
 * Records what Claude Code does for the Claude Agent SDK. The stream of messages tells no final tokens, nothing of calls
 * beside the conversation, and of subagents only a part; hooks tell no tokens. So each process gets two things that the
 * SDK has options for: hooks, and an address for the logs in which it tells every call.
 */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { PatchFile } from "../contract.ts";

type AnyFunction = (...args: unknown[]) => unknown;

const NAMES = ["query", "startup", "prewarm"] as const;

export const patchClaudeAgent: PatchFile = (_, bindings) => {
  nameClass(bindings["AbortError"], "AbortError");
  const found = NAMES.filter((name) => typeof bindings[name] === "function");
  const follow = (name: string): AnyFunction => {
    const original = bindings[name] as AnyFunction;
    // What starts a process without asking it anything yields no stream.
    return (params) =>
      name === "query" ? loadQuery().followQuery(original, params) : loadQuery().followStart(original, params);
  };
  return {
    missing: NAMES.filter((name) => !found.includes(name)),
    replacements: Object.fromEntries(found.map((name) => [name, follow(name)])),
  };
};

/** Gives a class the name back that the bundler took: by it an abort is told from a failure. */
function nameClass(value: unknown, name: string): void {
  if (typeof value === "function") Object.defineProperty(value, "name", { value: name, configurable: true });
}

/** What follows a query is loaded with the first one. */
function loadQuery(): typeof import("./query.ts") {
  return createRequire(import.meta.url)(fileURLToPath(new URL("./query.ts", import.meta.url)));
}
