/** The receiver of a run, or why there is none. */
import type { RunReceiver } from "@moai-metrics/receiver/run";
import type { CliContext } from "../context.ts";
import type { CommonFlags } from "../flags/declare.ts";

/** Whether what a run tells can be stored. */
export type Collection =
  | { readonly state: "on"; readonly receiver: RunReceiver; readonly storage: string }
  /** The command runs all the same. `reason` is a sentence without its end. */
  | { readonly state: "off"; readonly reason: string };

/** Starts a receiver. Whatever is wrong with us must not keep a command from running. */
export async function startCollection(context: CliContext, flags: CommonFlags): Promise<Collection> {
  const { environment } = context;
  if (environment.isDisabled) return { state: "off", reason: "MOAI_METRICS_DISABLED is set" };
  try {
    const { config } = await context.loadConfig(flags);
    if (!config.isEnabled) return { state: "off", reason: "the setting enabled is off" };
    const [{ startRunReceiver }, { resolveStorageFolder }] = await Promise.all([
      import("@moai-metrics/receiver/run"),
      import("@moai-metrics/settings"),
    ]);
    const storage = resolveStorageFolder({ storage: flags.storage, environment: environment.variables });
    const receiver = await startRunReceiver({
      storage,
      environment: environment.variables,
      requiresToken: config.receiver.requiresToken,
    });
    return { state: "on", receiver, storage };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { state: "off", reason: message.replace(/\.+$/, "").replaceAll("\n", " ") };
  }
}
