/** The files of the MCP SDK: since version 2 in two packages, until then in one. */
import type { SdkFiles } from "../contract.ts";

export const mcpFiles: readonly SdkFiles[] = [
  { packageName: "@modelcontextprotocol/client", files: [{ path: "dist/index", names: ["Client"] }] },
  { packageName: "@modelcontextprotocol/server", files: [{ path: "dist/index", names: ["McpServer"] }] },
  {
    packageName: "@modelcontextprotocol/sdk",
    files: [
      { path: "dist/esm/client/index", names: ["Client"] },
      { path: "dist/cjs/client/index", names: ["Client"] },
      { path: "dist/esm/server/mcp", names: ["McpServer"] },
      { path: "dist/cjs/server/mcp", names: ["McpServer"] },
    ],
  },
];
