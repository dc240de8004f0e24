/** An agent of LangChain. Run it: `node --import @moai-metrics/instrumentation/register examples/langchain-agent.ts` */
import { ChatOpenAI } from "@langchain/openai";
import { createAgent, tool } from "langchain";
import { z } from "zod";

const look = tool(() => "It is red.", { name: "look", description: "Looks out of the window.", schema: z.object({}) });
const agent = createAgent({ name: "painter", model: new ChatOpenAI({ model: "gpt-5-mini" }), tools: [look] });
const { messages } = await agent.invoke({ messages: ["Which color is it outside?"] });
process.stdout.write(messages.at(-1)?.text ?? "");
