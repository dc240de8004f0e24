/** A home of its own, commands that run in it, and the search of everything that they write and print. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { openStore } from "@moai-metrics/store";
import Database from "better-sqlite3";
import { findSecrets, SECRETS, type Secret } from "./secrets.ts";

const TOGETHER = fileURLToPath(new URL("./run-commands.ts", import.meta.url));
export const CLI = fileURLToPath(new URL("../../packages/cli/bin/moai-metrics.js", import.meta.url));

/** A home, and what was found in it. */
export interface Harness {
  readonly home: string;
  /** Where the store lies. */
  readonly storage: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Runs Node, searches what it prints, and returns what it wrote to standard output. */
  run(argv: readonly string[]): string;
  moaiMetrics(...argv: string[]): string;
  /** Runs many commands in one process, which is much faster, and searches what each prints. */
  runTogether(commands: readonly (readonly string[])[]): void;
  /** Looks for secrets. */
  search(where: string, haystack: Buffer | string): void;
  /** Searches every byte of every file, and their names; returns how many bytes. */
  searchFiles(folder: string, when: string): number;
  /** Searches every value of every row, also where the bytes in the file are scattered over pages. */
  searchRows(when: string): void;
  /** Searches what compressed chunks hold, through the store's own questions; returns how many metrics there are. */
  searchPoints(when: string): number;
  /** Places and kinds of the secrets that were found. */
  foundIn(): string[];
  /** Commands that did not end well. */
  failed(): { readonly argv: string; readonly exitCode: number | null }[];
  remove(): void;
}

/** Creates a home with an empty folder `work`. */
export function createHarness(): Harness {
  const home = realpathSync(mkdtempSync(join(tmpdir(), "planted-")));
  const storage = join(home, ".local", "share", "moai-metrics");
  const file = join(storage, "metrics.db");
  const found: { readonly where: string; readonly secret: Secret }[] = [];
  const commands: { readonly argv: string; readonly exitCode: number | null }[] = [];
  mkdirSync(join(home, "work"));
  mkdirSync(join(home, ".config", "moai-metrics"), { recursive: true });
  const environment = {
    PATH: process.env["PATH"] ?? "",
    HOME: home,
    TZ: "UTC",
    COLUMNS: "200",
    NO_COLOR: "1",
    // How a process was started stands in its resource when a detector finds it out.
    OTEL_RESOURCE_ATTRIBUTES: `process.command_line=${encodeURIComponent(SECRETS[0]?.text ?? "")},canary.resource=canary-resource`,
  };

  const search: Harness["search"] = (where, haystack) => {
    for (const secret of findSecrets(Buffer.from(haystack))) found.push({ where, secret });
  };

  const run: Harness["run"] = (argv) => {
    const { stdout, stderr, status } = spawnSync(process.execPath, argv, {
      encoding: "utf8",
      cwd: join(home, "work"),
      env: environment,
      maxBuffer: 1 << 28,
    });
    const shown = argv.slice(1).join(" ");
    commands.push({ argv: shown, exitCode: status });
    search(`standard output of ${shown}`, stdout);
    search(`standard error of ${shown}`, stderr);
    return stdout;
  };

  return {
    home,
    storage,
    environment,
    run,
    moaiMetrics: (...argv) => run([CLI, ...argv]),
    runTogether: (lines) => {
      const { stdout, stderr, status } = spawnSync(
        process.execPath,
        [TOGETHER, ...lines.map((line) => JSON.stringify(line))],
        { encoding: "utf8", cwd: join(home, "work"), env: environment, maxBuffer: 1 << 28 },
      );
      const parts = stdout.split("\0").slice(1);
      for (let at = 0; at < parts.length; at += 3) {
        const [argv = "", printed = "", exitCode = ""] = parts.slice(at, at + 3);
        search(`standard output of ${argv}`, printed);
        commands.push({ argv, exitCode: Number(exitCode) });
      }
      const complaints = stderr.split("\0").slice(1);
      for (let at = 0; at < complaints.length; at += 2) {
        search(`standard error of ${complaints[at]}`, complaints[at + 1] ?? "");
      }
      if (parts.length !== lines.length * 3 || status !== 0) throw new Error(`Only ${parts.length / 3} ran: ${stderr}`);
    },
    search,
    searchFiles: (folder, when) => {
      let bytes = 0;
      for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile()) continue;
        const path = join(entry.parentPath, entry.name);
        search(`${when}: ${path}, its name`, path);
        const content = readFileSync(path);
        bytes += content.length;
        search(`${when}: ${path}`, content);
      }
      return bytes;
    },
    searchRows: (when) => {
      const database = new Database(file, { readonly: true });
      const tables = database
        .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')")
        .pluck()
        .all();
      for (const table of tables) {
        for (const row of database.prepare<[], Record<string, unknown>>(`SELECT * FROM "${table}"`).iterate()) {
          const values = Object.values(row).map((value) =>
            Buffer.isBuffer(value) ? value : Buffer.from(String(value)),
          );
          search(`${when}: a row of ${table}`, Buffer.concat(values));
        }
      }
      database.close();
    },
    searchPoints: (when) => {
      using store = openStore({ path: file });
      const database = new Database(store.path, { readonly: true });
      const metrics = database.prepare<[], string>("SELECT DISTINCT identity ->> 0 FROM series").pluck().all();
      database.close();
      for (const metric of metrics)
        search(`${when}: points of ${metric}`, inspect(store.points(metric), { depth: 9, maxArrayLength: null }));
      return metrics.length;
    },
    foundIn: () => [...new Set(found.map(({ where, secret }) => `${where}: ${secret.kind}`))].sort(),
    failed: () => commands.filter(({ exitCode }) => exitCode !== 0),
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
}
