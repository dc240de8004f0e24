/** Reads what the Vercel AI SDK says of a tool that it runs. */
import { shapeOf, textOf } from "../../usage/shape.ts";
import { type FollowedTool, followTool } from "../follow-tool.ts";

/** Runs a tool through `work`, which gives the tool's error as a result: `{ output: { type: "tool-error", error } }`. */
export function runTool(options: unknown, work: () => unknown): unknown {
  return followTool(toolIn(options), work, (result) => {
    const output = shapeOf(shapeOf(result)?.["output"]);
    return output?.["type"] === "tool-error" ? (output["error"] ?? output) : undefined;
  });
}

/** Tools without code of their own are run by the application or by the provider. */
function toolIn(options: unknown): FollowedTool {
  const call = shapeOf(shapeOf(options)?.["toolCall"]);
  const name = textOf(call?.["toolName"]);
  const tool = name === undefined ? undefined : shapeOf(shapeOf(shapeOf(options)?.["tools"])?.[name]);
  const isRunHere = typeof tool?.["execute"] === "function";
  return { name: isRunHere ? name : undefined, callId: textOf(call?.["toolCallId"]) };
}
