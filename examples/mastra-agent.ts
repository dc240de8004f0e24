/** An agent of Mastra. Run it: `node --import @moai-metrics/instrumentation/register examples/mastra-agent.ts` */
import { Agent } from "@mastra/core/agent";
import { createTool } from "@mastra/core/tools";
import { z } from "zod";

const look = createTool({ id: "look", description: "Looks.", inputSchema: z.object({}), execute: async () => "Red." });
const about = { id: "painter", name: "painter", instructions: "Answer in one word." };
const agent = new Agent({ ...about, model: "openai/gpt-5-mini", tools: { look } });
const { text } = await agent.generate("Which color is it outside?");
process.stdout.write(text);
