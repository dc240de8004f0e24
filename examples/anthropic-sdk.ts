/** Nothing but the Anthropic SDK. Run it: `node --import @moai-metrics/instrumentation/register examples/anthropic-sdk.ts` */
import Anthropic from "@anthropic-ai/sdk";

const client = new Anthropic();
const messages = [{ role: "user" as const, content: "Name a color." }];
const reply = await client.messages.stream({ model: "claude-opus-4-6", max_tokens: 100, messages }).finalText();
process.stdout.write(reply);
