/** Changes a configuration file and leaves everything else in it as it is. */
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { ConfigError, ignoreInGit, NEW_PROJECT_FILE } from "@moai-metrics/settings";
import { checkBlock } from "@moai-metrics/settings/config-keys";
import { CommandError } from "../errors.ts";
import { writeFileWhole } from "../output/write-file.ts";

export type JsonObject = Record<string, unknown>;

/**
 * Lets `change` work on the block `metrics` of a file, which is made when there is none. A file that would no longer
 * hold is left as it was.
 *
 * @throws ConfigError for what does not hold; CommandError for a file that cannot be read or written.
 */
export function changeConfigFile(path: string, change: (block: JsonObject) => void): void {
  const before = readIfThere(path);
  const content = parseObject(path, before ?? "{}");
  const block = objectIn(content, "metrics");
  change(block);
  const checked = checkBlock(block);
  if (!checked.isValid) throw new ConfigError(path, checked.problems);
  writeFileWhole(path, `${JSON.stringify(content, null, indentOf(before))}\n`);
  if (path.endsWith(NEW_PROJECT_FILE)) ignoreInGit(dirname(path));
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new CommandError(`${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

function parseObject(path: string, text: string): JsonObject {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new ConfigError(path, [{ key: "", message: `is not JSON: ${(error as Error).message}` }]);
  }
  if (isObject(content)) return content;
  throw new ConfigError(path, [{ key: "", message: 'must hold { "metrics": { … } }.' }]);
}

/** The object under a key, made when there is none. */
export function objectIn(parent: JsonObject, key: string): JsonObject {
  const value = parent[key];
  if (isObject(value)) return value;
  const made: JsonObject = {};
  parent[key] = made;
  return made;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The file's own indentation. */
function indentOf(text: string | undefined): string {
  return /^\{\r?\n([ \t]+)/.exec(text ?? "")?.[1] ?? "  ";
}
