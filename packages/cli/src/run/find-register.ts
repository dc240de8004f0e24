/** Where the registration of the instrumentation lies that a Node program can be given. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { packageFolder } from "../machine/package-folder.ts";

/** What has to be loaded into a Node program. */
export interface NodePreload {
  /** A script that does no harm in any Node. */
  readonly script: string;
  /** The registration that it loads. */
  readonly register: string;
}

const REGISTER = "@moai-metrics/instrumentation/register";

/** That of the program's project, else one beside this command; undefined where there is none. */
export function findRegister(workingFolder: string): NodePreload | undefined {
  for (const from of [join(workingFolder, "any-file.js"), import.meta.url]) {
    try {
      const register = createRequire(from).resolve(REGISTER);
      return { script: join(packageFolder(), "hooks", "preload.cjs"), register };
    } catch {
      // Not installed there.
    }
  }
  return undefined;
}
