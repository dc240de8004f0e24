/** The names of providers: those of the Vercel AI SDK and of LangChain, and OpenTelemetry's. */
import { textOf } from "../usage/shape.ts";

/** Where the two differ; source: `gen_ai.provider.name` of the GenAI conventions. */
const NAMES: Readonly<Record<string, string>> = {
  "amazon-bedrock": "aws.bedrock",
  amazon_bedrock: "aws.bedrock",
  azure: "azure.ai.openai",
  google: "gcp.gemini",
  "google-vertex": "gcp.vertex_ai",
  google_genai: "gcp.gemini",
  google_vertexai: "gcp.vertex_ai",
  mistral: "mistral_ai",
  moonshotai: "moonshot_ai",
  vertex: "gcp.vertex_ai",
  xai: "x_ai",
};

/** `openai.responses` is `openai`, `google.generative-ai` is `gcp.gemini`. */
export function providerName(provider: unknown): string {
  const [name = ""] = (textOf(provider) ?? "").split(".");
  return NAMES[name] ?? (name === "" ? "unknown" : name);
}
