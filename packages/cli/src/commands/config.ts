/** `config`: looks at the settings and changes them. */
import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import { addJsonFlag, type CommonFlags, type FormatFlags } from "../flags/declare.ts";

/** Flags of every `config` command. */
export type ConfigFlags = Pick<CommonFlags, "config"> & Pick<FormatFlags, "json"> & { readonly user?: boolean };

/** Adds the command and its subcommands. */
export function addConfigCommand(program: Command, context: CliContext): void {
  const config = program.command("config").description("the settings: get, set, list, validate");
  add(config, "get <key>", "one setting, such as tokens.warn_threshold").action(
    async (key: string, flags: ConfigFlags) => {
      const { showSetting } = await import("./config-list.ts");
      await showSetting(context, key, flags);
    },
  );
  add(config, "set <key> <value>", "write a setting into the project's file")
    .option("--user", "into the user's own file instead")
    .action(async (key: string, value: string, flags: ConfigFlags) => {
      const { changeSetting } = await import("./config-set.ts");
      await changeSetting(context, key, value, flags);
    });
  add(config, "list", "every setting, and who said it").action(async (flags: ConfigFlags) => {
    const { listSettings } = await import("./config-list.ts");
    await listSettings(context, flags);
  });
  add(config, "validate [file]", "check the files that hold here, or one; exit code 3 if one does not hold").action(
    async (file: string | undefined, flags: ConfigFlags) => {
      const { validateConfig } = await import("./config-validate.ts");
      await validateConfig(context, file, flags);
    },
  );
}

function add(config: Command, name: string, description: string): Command {
  const command = config.command(name).description(description);
  return addJsonFlag(command).option("--config <file>", "this file instead of the project's");
}
