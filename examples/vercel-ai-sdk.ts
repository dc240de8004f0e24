/** An agent of the Vercel AI SDK. Run it: `node --import @moai-metrics/instrumentation/register examples/vercel-ai-sdk.ts` */
import { openai } from "@ai-sdk/openai";
import { ToolLoopAgent, tool } from "ai";
import { z } from "zod";

const look = tool({ description: "Looks out of the window.", inputSchema: z.object({}), execute: () => "It is red." });
const agent = new ToolLoopAgent({ id: "painter", model: openai.chat("gpt-5-mini"), tools: { look } });
const { text } = await agent.generate({ prompt: "Which color is it outside?" });
process.stdout.write(text);
