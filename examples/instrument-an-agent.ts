/** The five lines that make an agent visible. Run it: `node examples/instrument-an-agent.ts`, then `npx moai-metrics`. */
import { instrumentAgent, recordUsage, withTool } from "@moai-metrics/instrumentation";
import { startMetrics } from "@moai-metrics/sqlite-exporter";

startMetrics({ serviceName: "my-agent" });

const planner = instrumentAgent("planner", async (goal: string) => {
  const notes = await withTool("read_notes", async () => `Notes about ${goal}`);
  // With a real model: `recordUsage(await client.messages.create(…))`.
  recordUsage({ model: "claude-sonnet-4-5", provider: "anthropic", inputTokens: 1200, outputTokens: 340 });
  return `A plan for ${goal}, from ${notes.length} characters of notes`;
});

process.stdout.write(`${await planner("a new house")}\n`);
