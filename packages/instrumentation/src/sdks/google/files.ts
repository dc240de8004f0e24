/** The files of Google's SDKs that define what calls a model: each is all of the SDK in one. */
import type { SdkFiles } from "../contract.ts";

export const googleFiles: readonly SdkFiles[] = [
  {
    packageName: "@google/genai",
    files: [
      { path: "dist/node/index", names: ["Models"] },
      { path: "dist/web/index", names: ["Models"] },
    ],
  },
  // The one before it, which LangChain stands upon.
  { packageName: "@google/generative-ai", files: [{ path: "dist/index", names: ["GenerativeModel", "ChatSession"] }] },
];
