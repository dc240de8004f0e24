/** Records the functions that the Google GenAI SDK calls by itself: those of a `CallableTool`, which runs several at once. */
import { countDrop } from "../../registry.ts";
import { type Shape, shapeOf, textOf } from "../../usage/shape.ts";
import { followTools, TOOL_ERROR } from "../follow-tool.ts";
import { type Around, ownerOf, wrapMethod } from "../wrap-method.ts";

/** The names of the functions that a tool has declared: it is handed calls of others, too. */
const declared = new WeakMap<object, ReadonlySet<string>>();

/** Follows the tools of a request; `prepared` is the request with their declarations in their places. */
export function followCallableTools(asked: unknown, prepared: unknown): void {
  const declarations = toolsIn(prepared);
  toolsIn(asked).forEach((tool, index) => {
    if (typeof tool?.["callTool"] !== "function") return;
    declared.set(tool, functionNames(declarations[index]));
    if (!wrapMethod(ownerOf(tool, "callTool"), "callTool", callTool)) countDrop("tool that cannot be followed");
  });
}

const callTool: Around = (self, [calls], work) => {
  const own = declared.get(Object(self));
  const tools = shapesIn(calls)
    .map((call) => ({ name: textOf(call?.["name"]), callId: textOf(call?.["id"]) }))
    .filter(({ name }) => name !== undefined && own?.has(name) !== false);
  return followTools(tools, work, (parts) => {
    const responses = shapesIn(parts).map((part) => shapeOf(part?.["functionResponse"]));
    return tools.map(({ name }) => {
      const index = responses.findIndex((each) => each?.["name"] === name);
      const response = shapeOf(responses.splice(index, index < 0 ? 0 : 1)[0]?.["response"]);
      return response?.["error"] == null ? undefined : TOOL_ERROR;
    });
  });
};

function toolsIn(request: unknown): readonly (Shape | undefined)[] {
  return shapesIn(shapeOf(shapeOf(request)?.["config"])?.["tools"]);
}

function functionNames(tool: Shape | undefined): ReadonlySet<string> {
  return new Set(shapesIn(tool?.["functionDeclarations"]).flatMap((each) => textOf(each?.["name"]) ?? []));
}

function shapesIn(list: unknown): readonly (Shape | undefined)[] {
  return Array.isArray(list) ? list.map(shapeOf) : [];
}
