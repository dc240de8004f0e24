/** Follows the tools that are made with the OpenAI Agents SDK: functions, agents as tools, and those of MCP servers. */
import { shapeOf, textOf } from "../../usage/shape.ts";
import { followTool } from "../follow-tool.ts";

type AnyFunction = (...args: unknown[]) => unknown;

/**
 * The function that makes tools, whose tools are recorded. What fails in a tool becomes a text for the model before
 * anyone else sees it, so it is the tool's own function that is followed.
 */
export function followToolMaker(makeTool: AnyFunction): AnyFunction {
  return (...args) => {
    const [options] = args;
    const execute = shapeOf(options)?.["execute"];
    if (typeof execute !== "function") return makeTool(...args);
    let name: string | undefined;
    const followed: AnyFunction = (...given) =>
      followTool({ name, callId: callIdIn(given[2]) }, () => Reflect.apply(execute, options, given), noError);
    // A tool without a name is called like its function.
    Object.defineProperty(followed, "name", { value: execute.name });
    const made = makeTool(Object.create(options as object, { execute: { value: followed, enumerable: true } }));
    name = textOf(shapeOf(made)?.["name"]);
    return made;
  };
}

function noError(): undefined {
  return undefined;
}

/** The last argument of a tool's function tells which call of the model it answers. */
function callIdIn(details: unknown): string | undefined {
  return textOf(shapeOf(shapeOf(details)?.["toolCall"])?.["callId"]);
}
