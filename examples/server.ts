/**
 * A server with an agent inside: each conversation is a session, each answer a task. It answers what it was asked before
 * it stops. Run it: `node --import @moai-metrics/instrumentation/register examples/server.ts`, then
 * `curl --data "Name a color." localhost:3000/conversations/1`.
 */
import { openai } from "@ai-sdk/openai";
import { serve } from "@hono/node-server";
import { withSession } from "@moai-metrics/instrumentation";
import { ToolLoopAgent } from "ai";
import { Hono } from "hono";

const painter = new ToolLoopAgent({ id: "painter", model: openai.chat("gpt-5-mini") });
const app = new Hono();
app.post("/conversations/:id", (context) =>
  withSession({ id: context.req.param("id") }, async () => {
    const { text } = await painter.generate({ prompt: await context.req.text() });
    return context.text(text);
  }),
);
const port = Number(process.env["PORT"] ?? 3000);
const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port }, (address) => {
  process.stdout.write(`http://127.0.0.1:${address.port}\n`);
});
process.once("SIGTERM", () => server.close());
