/** `config set`: writes one setting and leaves everything else in the file as it is. */
import { join } from "node:path";
import { renderJson } from "@moai-metrics/report";
import { NEW_PROJECT_FILE, userConfigFile } from "@moai-metrics/settings";
import { isUsersOwn, parseSetting } from "@moai-metrics/settings/config-keys";
import type { CliContext } from "../context.ts";
import { UsageError } from "../errors.ts";
import type { ConfigFlags } from "./config.ts";
import { changeConfigFile, objectIn } from "./config-file.ts";
import { requireKey } from "./config-list.ts";

/**
 * Writes a setting. A file that would no longer hold is left as it was.
 * @throws UsageError for a setting that a project's file is not asked for.
 */
export async function changeSetting(context: CliContext, key: string, text: string, flags: ConfigFlags): Promise<void> {
  const name = requireKey(key);
  if (isUsersOwn(name) && !flags.user && flags.config === undefined) {
    throw new UsageError(`${name} is asked of your own file alone, not of a project's. Add --user to write it there.`);
  }
  const path = await fileToChange(context, flags);
  const [first = "", second] = name.split(".");
  const value = parseSetting(name, text);
  changeConfigFile(path, (block) => {
    if (second === undefined) block[first] = value;
    else objectIn(block, first)[second] = value;
  });
  const written = { config: { [name]: { key: name, value, origin: path } } };
  context.write(flags.json ? renderJson(written) : `${name} = ${JSON.stringify(value)} in ${path}\n`);
}

async function fileToChange(context: CliContext, flags: ConfigFlags): Promise<string> {
  const { variables, workingFolder } = context.environment;
  if (flags.config !== undefined) return join(workingFolder, flags.config);
  if (flags.user) return userConfigFile(variables);
  const { project } = await context.loadConfig(flags);
  return project?.path ?? join(workingFolder, NEW_PROJECT_FILE);
}
