/** Records the tools that are called, and those that are served, through the MCP SDK. */
import { shapeOf, textOf } from "../../usage/shape.ts";
import type { PatchFile } from "../contract.ts";
import { followTool, TOOL_ERROR } from "../follow-tool.ts";
import { prototypeOf, wrapMethod } from "../wrap-method.ts";

export const patchMcp: PatchFile = (path, bindings) => {
  const { Client, McpServer } = bindings;
  const isServer = path.includes("server") || McpServer !== undefined;
  const isWrapped = isServer
    ? wrapMethod(prototypeOf(McpServer), "executeToolHandler", (self, args, work) =>
        followTool({ name: nameIn(self, args[0]) }, work, errorIn),
      )
    : wrapMethod(prototypeOf(Client), "callTool", (_, args, work) =>
        followTool({ name: textOf(shapeOf(args[0])?.["name"]) }, work, errorIn),
      );
  return { missing: isWrapped ? [] : [isServer ? "McpServer.executeToolHandler" : "Client.callTool"] };
};

/** A server knows its tools by name; the one that runs does not know its own. */
function nameIn(server: unknown, tool: unknown): string | undefined {
  const registered = shapeOf(shapeOf(server)?.["_registeredTools"]) ?? {};
  return Object.keys(registered).find((name) => registered[name] === tool);
}

function errorIn(result: unknown): unknown {
  return shapeOf(result)?.["isError"] === true ? TOOL_ERROR : undefined;
}
