/** The MCP SDK, client and server 2.4.0: every call of a tool is one, with its result. */
import { AsyncLocalStorage } from "node:async_hooks";
import { withTask, withTool } from "@moai-metrics/instrumentation";
import type { Client } from "@modelcontextprotocol/client";
import { afterEach, beforeEach, expect, it } from "vitest";
import { z } from "zod";
import { metricIn, type Recording, startRecording } from "./support/recording.ts";

/** As if the server ran in another process: nothing of the caller's context reaches it. */
const elsewhere = AsyncLocalStorage.snapshot();

let recording: Recording;
let client: Client;
beforeEach(() => {
  recording = startRecording();
});
afterEach(async () => {
  await client.close();
  await recording.stop();
});

async function connect(isElsewhere: boolean): Promise<void> {
  const { Client, InMemoryTransport } = await import("@modelcontextprotocol/client");
  const { McpServer } = await import("@modelcontextprotocol/server");
  const server = new McpServer({ name: "tools", version: "1.0.0" });
  server.registerTool("add", { inputSchema: z.object({ a: z.number(), b: z.number() }) }, async ({ a, b }) => ({
    content: [{ type: "text", text: String(a + b) }],
  }));
  server.registerTool("throws", {}, async () => {
    throw new RangeError("secret");
  });
  server.registerTool("refuses", {}, async () => ({ isError: true, content: [{ type: "text", text: "secret" }] }));
  client = new Client({ name: "agent", version: "1.0.0" });
  const [here, there] = InMemoryTransport.createLinkedPair();
  if (isElsewhere) {
    const send = here.send.bind(here);
    here.send = (...args) => elsewhere(() => send(...args));
  }
  await server.connect(there as never);
  await client.connect(here);
}

async function toolCalls() {
  const store = await recording.open();
  const { rows } = store.query.getToolCalls({});
  const told = rows.map(({ tool, isSuccess, errorType, agent }) => [tool, isSuccess, errorType, agent].join(" "));
  return { told: told.sort(), measured: metricIn(store, "executeToolDuration") };
}

it("twenty calls of a client are twenty, whatever came of them, and belong to the task around them", async () => {
  await connect(false);
  const add = () => client.callTool({ name: "add", arguments: { a: 1, b: 2 } });
  expect((await add()).content).toEqual([{ type: "text", text: "3" }]);
  await withTask("worker", async () => Promise.all(Array.from({ length: 15 }, add)));
  expect((await client.callTool({ name: "throws", arguments: {} })).isError).toBe(true);
  await client.callTool({ name: "refuses", arguments: {} });
  await expect(client.callTool({ name: "missing" })).rejects.toThrow("missing");
  const controller = new AbortController();
  controller.abort();
  await expect(client.callTool({ name: "add" }, { signal: controller.signal })).rejects.toThrow();
  await client.listTools();
  expect(await toolCalls()).toEqual({
    told: [
      "add false SdkError ",
      "add true  ",
      ...Array.from({ length: 15 }, () => "add true  worker"),
      "missing false ProtocolError ",
      "refuses false tool_error ",
      "throws false tool_error ",
    ],
    measured: 20,
  });
});

it("a server records what it runs, with the class of what was thrown", async () => {
  await connect(true);
  await client.callTool({ name: "throws", arguments: {} });
  await client.callTool({ name: "add", arguments: { a: 1, b: 2 } });
  expect((await toolCalls()).told).toEqual([
    "add true  ",
    "add true  ",
    "throws false RangeError ",
    "throws false tool_error ",
  ]);
});

it("a tool of an agent that asks a server for the same tool is one call", async () => {
  await connect(false);
  await withTool("add", () => client.callTool({ name: "add", arguments: { a: 1, b: 2 } }));
  await withTool("sum", () => client.callTool({ name: "add", arguments: { a: 1, b: 2 } }));
  expect((await toolCalls()).told).toEqual(["add true  ", "add true  ", "sum true  "]);
});
