/** `config validate`: says what is wrong in the files, all at once. */
import { resolve } from "node:path";
import { renderJson } from "@moai-metrics/report";
import { ConfigError, findProjectConfig, readBlock, userConfigFile } from "@moai-metrics/settings";
import type { CliContext } from "../context.ts";
import { CheckError } from "../errors.ts";
import type { ConfigFlags } from "./config.ts";

interface CheckedFile {
  readonly path: string;
  readonly state: "valid" | "invalid" | "not there";
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
          ...(projectFile === undefined ? [] : [checkFile(projectFile, true)]),
          checkFile(userConfigFile(variables), false),
        ]
      : [checkFile(resolve(workingFolder, named), true)];
  if (flags.json) context.write(renderJson({ files }));
  else context.write(`${files.flatMap(linesOf).join("\n")}\n`);
  const invalid = files.filter(({ state }) => state === "invalid");
  if (invalid.length > 0) throw new CheckError(`${invalid.length} of ${files.length} files cannot be used.`);
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
