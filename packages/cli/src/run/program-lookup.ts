/** What the file system says of programs. */
import { accessSync, closeSync, constants, openSync, readFileSync, readSync, realpathSync, statSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import type { Environment } from "@moai-metrics/settings";
import type { ProgramLookup } from "./recognize-command.ts";

const SCRIPT = /\.[cm]?[jt]s$/;
/** A package lies a few folders above its programs. */
const MAX_FOLDERS = 6;
const FIRST_LINE_BYTES = 256;

/** Creates a lookup that sees what a shell would: `PATH`, and paths from the working folder on. */
export function createProgramLookup(environment: Environment, workingFolder: string): ProgramLookup {
  const folders = (environment["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return {
    resolve: (word) => {
      const paths = /[\\/]/.test(word) || SCRIPT.test(word) ? [word] : folders.map((folder) => join(folder, word));
      for (const path of paths) {
        const absolute = resolve(workingFolder, path);
        if (isProgram(absolute)) return realpathSync(absolute);
      }
      return undefined;
    },
    packageOf: (path) => {
      let folder = dirname(path);
      for (let level = 0; level < MAX_FOLDERS; level++) {
        const name = nameInPackage(folder);
        if (name !== undefined) return name;
        folder = dirname(folder);
      }
      return undefined;
    },
    isNodeScript: (path) => SCRIPT.test(path) || /^#!.*\bnode\b/.test(firstLine(path)),
  };
}

/** A script that is handed to Node need not be executable. */
function isProgram(path: string): boolean {
  try {
    if (!statSync(path).isFile()) return false;
    if (!SCRIPT.test(path)) accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function nameInPackage(folder: string): string | undefined {
  try {
    const { name } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { name?: unknown };
    return typeof name === "string" ? name : undefined;
  } catch {
    return undefined;
  }
}

function firstLine(path: string): string {
  let file: number | undefined;
  try {
    file = openSync(path, "r");
    const bytes = Buffer.alloc(FIRST_LINE_BYTES);
    return bytes.toString("latin1", 0, readSync(file, bytes, 0, bytes.length, 0)).split("\n", 1)[0] ?? "";
  } catch {
    return "";
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
