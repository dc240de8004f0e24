/** `config validate`: says what is wrong in the files, all at once. */
import { resolve } from "node:path";
import { renderJson } from "@moai-metrics/report";
import { ConfigError, findProjectConfig, readBlock, userConfigFile } from "@moai-metrics/settings";
import { isUsersOwn, settingKeys, settingValue } from "@moai-metrics/settings/config-keys";
import type { CliContext } from "../context.ts";
import { CheckError } from "../errors.ts";
import type { ConfigFlags } from "./config.ts";

interface CheckedFile {
  readonly path: string;
  readonly state: "valid" | "invalid" | "not there";
  /** Of a valid file: what it says without effect. */
  readonly problems: readonly { readonly key: string; readonly message: string }[];
}

/** Checks one file, or those that hold here. @throws CheckError when one does not hold. */
export async function validateConfig(context: CliContext, file: string | undefined, flags: ConfigFlags): Promise<void> {
  const { variables, workingFolder } = context.environment;
  const named = file ?? flags.config;
  const projectFile = findProjectConfig(workingFolder)?.path;
  const files =
    named === undefined
      ? [
          ...(projectFile === undefined ? [] : [withUnasked(checkFile(projectFile, true))]),
          checkFile(userConfigFile(variables), false),
        ]
      : [checkFile(resolve(workingFolder, named), true)];
  if (flags.json) context.write(renderJson({ files }));
  else context.write(`${files.flatMap(linesOf).join("\n")}\n`);
  const invalid = files.filter(({ state }) => state === "invalid");
  if (invalid.length > 0) throw new CheckError(`${invalid.length} of ${files.length} files cannot be used.`);
}

/** A project's file with the settings in it that only the user's own is asked for: no mistake, and without effect. */
function withUnasked(file: CheckedFile): CheckedFile {
  if (file.state !== "valid") return file;
  const block = readBlock(file.path, true);
  const keys = settingKeys().filter((key) => isUsersOwn(key) && block && settingValue(key, block) !== undefined);
  const message = "has no effect here: only your own file is asked. To set it there: moai-metrics config set … --user";
  return { ...file, problems: keys.map((key) => ({ key: `metrics.${key}`, message })) };
}

function checkFile(path: string, isRequired: boolean): CheckedFile {
  try {
    return { path, state: readBlock(path, isRequired) === undefined ? "not there" : "valid", problems: [] };
  } catch (error) {
    if (error instanceof ConfigError) return { path, state: "invalid", problems: error.problems };
    throw error;
  }
}

function linesOf({ path, state, problems }: CheckedFile): string[] {
  return [`${path}: ${state}`, ...problems.map(({ key, message }) => `  ${key} ${message}`.replace(/^ {3}/, "  "))];
}
