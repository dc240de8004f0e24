/** The context of a real run. */
import { type LoadedConfig, loadConfig as loadSettings } from "@moai-metrics/settings";
import type { CliContext } from "./context.ts";
import type { CliEnvironment } from "./environment.ts";
import { openLedger } from "./ledger/open-ledger.ts";
import { createProgressBar } from "./terminal/progress.ts";

/** Where output goes, and where answers come from. */
export interface Streams {
  readonly stdin?: NodeJS.ReadableStream;
  readonly stdout: {
    /** `false` asks to wait for `drain`. */
    write(text: string | Uint8Array): unknown;
    once?(event: "drain", listener: () => void): unknown;
  };
  readonly stderr: { write(text: string): unknown };
}

/** Creates the context that commands run in. */
export function createCliContext(
  environment: CliEnvironment,
  streams: Streams,
  now: () => number = Date.now,
): CliContext {
  const { stdout, stderr } = streams;
  const warn = (line: string): void => {
    stderr.write(`${line}\n`);
  };
  let loaded: LoadedConfig | undefined;
  const loadConfig: CliContext["loadConfig"] = async ({ config: file }) => {
    const { variables, workingFolder } = environment;
    loaded ??= loadSettings({ environment: variables, folder: workingFolder, file });
    return loaded;
  };
  return {
    environment,
    loadConfig,
    dataLabel: undefined,
    nextStep: "moai-metrics daily | session | agent | model | --help",
    now,
    write: (text) => {
      stdout.write(text);
    },
    writeAll: async (pieces) => {
      for await (const piece of pieces) {
        if (stdout.write(piece) !== false) continue;
        await new Promise<void>((resolve) => (stdout.once === undefined ? resolve() : stdout.once("drain", resolve)));
      }
    },
    warn,
    confirm: async (question) => {
      if (!environment.isInteractive || streams.stdin === undefined) return undefined;
      const { readAnswer } = await import("./terminal/read-answer.ts");
      stderr.write(`${question} [y/N] `);
      return /^y(es)?$/i.test(await readAnswer(streams.stdin));
    },
    openLedger: async (flags, transcripts) => {
      const bar = environment.isProgressVisible
        ? createProgressBar({
            write: (text) => {
              stderr.write(text);
            },
            columns: environment.columns,
            now: () => performance.now(),
          })
        : undefined;
      try {
        const { config } = await loadConfig(flags);
        return await openLedger(flags, {
          environment,
          config,
          nowMillis: now(),
          warn,
          onProgress: bar?.update,
          transcripts,
        });
      } finally {
        bar?.clear();
      }
    },
  };
}
