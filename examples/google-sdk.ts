/** Nothing but the Google GenAI SDK. Run it: `node --import @moai-metrics/instrumentation/register examples/google-sdk.ts` */
import { GoogleGenAI } from "@google/genai";

const ai = new GoogleGenAI({});
const stream = await ai.models.generateContentStream({ model: "gemini-3-pro-preview", contents: "Name a color." });
for await (const chunk of stream) process.stdout.write(chunk.text ?? "");
