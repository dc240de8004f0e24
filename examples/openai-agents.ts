/** An agent that hands over. Run it: `node --import @moai-metrics/instrumentation/register examples/openai-agents.ts` */
import { Agent, run, tool } from "@openai/agents";
import { z } from "zod";

const look = tool({
  name: "look",
  description: "Looks out of the window.",
  parameters: z.object({}),
  execute: () => "It is red.",
});
const painter = new Agent({ name: "painter", model: "gpt-5-mini", tools: [look] });
const receptionist = new Agent({ name: "receptionist", model: "gpt-5-mini", handoffs: [painter] });
const { finalOutput } = await run(receptionist, "Which color is it outside?");
process.stdout.write(finalOutput ?? "");
