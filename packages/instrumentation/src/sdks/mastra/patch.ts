/** Records the runs of Mastra's agents, the tools that they are given, and the calls of their models. */
import { runAgent } from "../../agent-run.ts";
import { currentScope } from "../../current-scope.ts";
import { guarded } from "../../registry.ts";
import { type Shape, shapeOf, textOf } from "../../usage/shape.ts";
import type { PatchFile } from "../contract.ts";
import { followTool, TOOL_ERROR } from "../follow-tool.ts";
import { type Around, prototypeOf, wrapMethod } from "../wrap-method.ts";
import { followAttemptsOf } from "./follow-attempts.ts";

const stream: Around = (self, _, work) => runAgent(nameOf(self), work);

/** A whole run that is aborted ends without a throw. */
const generate: Around = (self, _, work) =>
  runAgent(nameOf(self), async () => {
    const result = await work();
    const task = currentScope()?.task;
    if (task !== undefined && shapeOf(result)?.["finishReason"] === "aborted") {
      task.outcome ??= { result: "cancelled", origin: "reported", atMillis: Date.now(), errorType: "AbortError" };
    }
    return result;
  });

const METHODS: Readonly<Record<string, Around>> = {
  generate,
  stream,
  resumeGenerate: generate,
  resumeStream: stream,
  // Every model and every tool of a run comes from here.
  resolveModelConfig: async (_self, _args, work) => followAttemptsOf(await work()),
  convertTools: async (_self, _args, work) => {
    const tools = await work();
    return guarded(() => followed(shapeOf(tools) ?? {})) ?? tools;
  },
};

export const patchMastra: PatchFile = (_, { Agent }) => {
  const missing = Object.entries(METHODS).filter(([name, around]) => !wrapMethod(prototypeOf(Agent), name, around));
  return { missing: missing.map(([name]) => `Agent.${name}`) };
};

function nameOf(agent: unknown): string {
  return textOf(shapeOf(agent)?.["name"]) ?? "Agent";
}

function followed(tools: Shape): Shape {
  return Object.fromEntries(Object.entries(tools).map(([name, tool]) => [name, followedTool(name, tool)]));
}

function followedTool(name: string, tool: unknown): unknown {
  const execute = shapeOf(tool)?.["execute"];
  if (typeof execute !== "function") return tool;
  const run = (...args: unknown[]): unknown => {
    const callId = textOf(shapeOf(args[1])?.["toolCallId"]);
    return followTool({ name, callId }, () => Reflect.apply(execute, tool, args), errorIn, causeOf);
  };
  return { ...(tool as object), execute: run };
}

/** Input that does not fit the tool's schema is answered with what is wrong with it. */
function errorIn(result: unknown): unknown {
  const answer = shapeOf(result);
  return answer?.["error"] === true && "validationErrors" in answer ? TOOL_ERROR : undefined;
}

/** What a tool throws comes wrapped. */
function causeOf(thrown: unknown): unknown {
  return shapeOf(thrown)?.["cause"] ?? thrown ?? TOOL_ERROR;
}
