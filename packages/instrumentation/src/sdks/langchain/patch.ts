/**
 * Records the models, tools and graphs of LangChain. Its callbacks tell of the same, but nothing runs inside of them:
 * what an SDK below does, or an agent inside of a tool, could not be told to belong there.
 */
import { shapeOf, textOf } from "../../usage/shape.ts";
import type { PatchFile } from "../contract.ts";
import { followTool, TOOL_ERROR } from "../follow-tool.ts";
import { type Around, prototypeOf, wrapMethod } from "../wrap-method.ts";
import { isPause, runGraph } from "./follow-graph.ts";
import { followModelOf } from "./follow-model.ts";

/** What every call of a model goes through, before the class of the model answers it. */
const ENTRIES = ["_generateUncached", "_streamIterator", "streamEvents"];

export const patchLangChain: PatchFile = (_, { BaseChatModel, StructuredTool, Pregel }) => {
  const missing: string[] = [];
  const wrap = (type: unknown, typeName: string, names: readonly string[], around: Around): void => {
    for (const name of names) if (!wrapMethod(prototypeOf(type), name, around)) missing.push(`${typeName}.${name}`);
  };
  if (BaseChatModel !== undefined) {
    wrap(BaseChatModel, "BaseChatModel", ENTRIES, (self, _args, work) => {
      followModelOf(self, prototypeOf(BaseChatModel));
      return work();
    });
  }
  if (StructuredTool !== undefined) wrap(StructuredTool, "StructuredTool", ["call"], callTool);
  if (Pregel !== undefined) wrap(Pregel, "Pregel", ["_streamIterator"], runGraph);
  return { missing };
};

const callTool: Around = (self, [input, config], work) => {
  const call = shapeOf(shapeOf(config)?.["toolCall"]) ?? shapeOf(input);
  const callId = textOf(call?.["id"]);
  return followTool({ name: textOf(shapeOf(self)?.["name"]), callId }, work, errorIn, (thrown) =>
    isPause(thrown) ? undefined : (thrown ?? TOOL_ERROR),
  );
};

/** A tool may answer with a message that says that it failed. */
function errorIn(result: unknown): unknown {
  return shapeOf(result)?.["status"] === "error" ? TOOL_ERROR : undefined;
}
