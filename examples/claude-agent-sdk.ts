/** An agent of the Claude Agent SDK. Run it: `node --import @moai-metrics/instrumentation/register examples/claude-agent-sdk.ts` */
import { query } from "@anthropic-ai/claude-agent-sdk";

for await (const message of query({ prompt: "Name a color." })) {
  if (message.type === "result" && message.subtype === "success") process.stdout.write(message.result);
}
