/** The files of the Anthropic SDK that define what calls a model. */
import type { SdkFiles } from "../contract.ts";

export const anthropicFiles: SdkFiles = {
  packageName: "@anthropic-ai/sdk",
  files: [
    { path: "resources/messages/messages", names: ["Messages"] },
    { path: "resources/beta/messages/messages", names: ["Messages"] },
  ],
};
