/** A client and a server of MCP. Run it: `node --import @moai-metrics/instrumentation/register examples/mcp-sdk.ts` */
import { Client, InMemoryTransport } from "@modelcontextprotocol/client";
import { McpServer } from "@modelcontextprotocol/server";

const server = new McpServer({ name: "colors", version: "1.0.0" });
server.registerTool("color", {}, async () => ({ content: [{ type: "text", text: "red" }] }));
const client = new Client({ name: "painter", version: "1.0.0" });
const [here, there] = InMemoryTransport.createLinkedPair();
await server.connect(there);
await client.connect(here);
const { content } = await client.callTool({ name: "color", arguments: {} });
process.stdout.write(JSON.stringify(content));
await client.close();
