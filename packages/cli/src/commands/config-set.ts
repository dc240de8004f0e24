/** `config set`: writes one setting and leaves everything else in the file as it is. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ConfigError, NEW_PROJECT_FILE, userConfigFile } from "@moai-metrics/settings";
import { checkBlock, parseSetting } from "@moai-metrics/settings/config-keys";
import type { CliContext } from "../context.ts";
import { CommandError } from "../errors.ts";
import { ignoreInGit } from "../output/ignore-in-git.ts";
import { writeFileWhole } from "../output/write-file.ts";
import type { ConfigFlags } from "./config.ts";
import { requireKey } from "./config-list.ts";

type JsonObject = Record<string, unknown>;

/** Writes a setting. A file that would no longer hold is left as it was. */
export async function changeSetting(context: CliContext, key: string, text: string, flags: ConfigFlags): Promise<void> {
  const name = requireKey(key);
  const path = await fileToChange(context, flags);
  const before = readIfThere(path);
  const content = parseObject(path, before ?? "{}");
  const block = objectIn(content, "metrics");
  const [first = "", second] = name.split(".");
  const value = parseSetting(name, text);
  if (second === undefined) block[first] = value;
  else objectIn(block, first)[second] = value;
  const checked = checkBlock(block);
  if (!checked.isValid) throw new ConfigError(path, checked.problems);
  writeFileWhole(path, `${JSON.stringify(content, null, indentOf(before))}\n`);
  if (path.endsWith(NEW_PROJECT_FILE)) ignoreInGit(dirname(path));
  context.write(`${name} = ${JSON.stringify(value)} in ${path}\n`);
}

async function fileToChange(context: CliContext, flags: ConfigFlags): Promise<string> {
  const { variables, workingFolder } = context.environment;
  if (flags.config !== undefined) return join(workingFolder, flags.config);
  if (flags.user) return userConfigFile(variables);
  const { project } = await context.loadConfig(flags);
  return project?.path ?? join(workingFolder, NEW_PROJECT_FILE);
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
function objectIn(parent: JsonObject, key: string): JsonObject {
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
