/** The files of the Google GenAI SDK that define what calls a model: each is all of the SDK in one. */
import type { SdkFiles } from "../contract.ts";

export const googleFiles: SdkFiles = {
  packageName: "@google/genai",
  files: [
    { path: "dist/node/index", names: ["Models"] },
    { path: "dist/web/index", names: ["Models"] },
  ],
};
