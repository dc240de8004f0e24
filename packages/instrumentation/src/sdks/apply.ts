/** Patches a file of an SDK that has just been loaded. */
import { countDrop, guarded } from "../registry.ts";
import { patchAnthropic } from "./anthropic/patch.ts";
import type { PatchFile } from "./contract.ts";
import { patchOpenAi } from "./openai/patch.ts";

const PATCHES: Readonly<Record<string, PatchFile>> = {
  openai: patchOpenAi,
  "@anthropic-ai/sdk": patchAnthropic,
};

/** Never throws; what should be there and is not is counted as dropped, under the name of the package. */
export function applyPatch(packageName: string, path: string, bindings: Readonly<Record<string, unknown>>): void {
  guarded(() => {
    for (const missing of PATCHES[packageName]?.(path, bindings) ?? []) {
      countDrop(`not found in ${packageName}: ${missing}`);
    }
  });
}
