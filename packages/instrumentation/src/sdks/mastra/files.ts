/** The file of Mastra that hands out its agents. What defines them lies in files whose names every version changes. */
import type { SdkFiles } from "../contract.ts";

export const mastraFiles: SdkFiles = {
  packageName: "@mastra/core",
  files: [{ path: "dist/agent/index", names: ["Agent"] }],
};
