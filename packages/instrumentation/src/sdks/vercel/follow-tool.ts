/** Follows a tool that the Vercel AI SDK runs. */
import { guarded, isRecording } from "../../registry.ts";
import { runInScope } from "../../run-in-scope.ts";
import { openTool } from "../../tool.ts";
import { shapeOf, textOf } from "../../usage/shape.ts";

/** Runs a tool through `work`, which gives the tool's error as a result: `{ output: { type: "tool-error", error } }`. */
export function followTool(options: unknown, work: () => unknown): unknown {
  const call = shapeOf(shapeOf(options)?.["toolCall"]);
  const name = textOf(call?.["toolName"]);
  const tool = name === undefined ? undefined : shapeOf(shapeOf(shapeOf(options)?.["tools"])?.[name]);
  // Tools without code of their own are run by the application or by the provider.
  if (name === undefined || typeof tool?.["execute"] !== "function" || !isRecording()) return work();
  const open = guarded(() => openTool({ name, callId: textOf(call?.["toolCallId"]) }));
  if (open === undefined) return work();
  return Promise.resolve(runInScope(open.scope, work)).then(
    (result) => {
      const output = shapeOf(shapeOf(result)?.["output"]);
      if (output?.["type"] === "tool-error") open.fail(output["error"]);
      else open.succeed();
      return result;
    },
    (error: unknown) => {
      open.fail(error);
      throw error;
    },
  );
}
