/** Nothing but the OpenAI SDK. Run it: `node --import @moai-metrics/instrumentation/register examples/openai-sdk.ts` */
import OpenAI from "openai";

const client = new OpenAI();
const stream = await client.chat.completions.create({
  model: "gpt-5-mini",
  messages: [{ role: "user", content: "Name a color." }],
  stream: true,
  stream_options: { include_usage: true },
});
for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta.content ?? "");
