/** Files and folders that may not be written. */
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { startChild } from "./lib/child.ts";
import type { FaultTest } from "./lib/fault-test.ts";
import { makeSpecimen } from "./lib/specimen.ts";
import type { Workload } from "./lib/workload.ts";

const BATCHES = 20;
const NOBODY = 65_534;
const WORKLOAD: Workload = { writer: "visitor", baseMillis: Date.now(), stepMillis: 1_000, firstBatch: 0 };

interface Case {
  readonly name: string;
  readonly fileMode: number;
  readonly folderMode: number;
  /** The last writer was killed: the log holds what the file does not. */
  readonly isKilled?: boolean;
  readonly isMissing?: boolean;
  /** What writing says. */
  readonly written: string;
  /** What reading says; undefined: all sessions. */
  readonly read?: string;
}

const CASES: readonly Case[] = [
  { name: "a file that may not be written", fileMode: 0o444, folderMode: 0o755, written: "read_only" },
  { name: "a folder that may not be written", fileMode: 0o644, folderMode: 0o555, written: "read_only" },
  { name: "neither may be written", fileMode: 0o444, folderMode: 0o555, written: "read_only" },
  {
    name: "a folder that may not be written, with a log beside the file",
    fileMode: 0o644,
    folderMode: 0o555,
    isKilled: true,
    written: "read_only",
    read: "cannot_open",
  },
  {
    name: "a file that may not be read",
    fileMode: 0o000,
    folderMode: 0o755,
    written: "read_only",
    read: "cannot_open",
  },
  {
    name: "an empty folder that may not be written",
    fileMode: 0o644,
    folderMode: 0o555,
    isMissing: true,
    written: "cannot_open",
    read: "not_found",
  },
];

export const readOnly: FaultTest = {
  name: "files and folders that may not be written",
  trials: 48,
  sampleTrials: CASES.length,
  async run({ trials, folder, fail }) {
    // Root may write anything, so it plays somebody else.
    const uid = process.getuid?.() === 0 ? NOBODY : undefined;
    chmodSync(folder, 0o755);
    const options = { writer: "w", batches: BATCHES, stepMillis: 60_000 };
    const closed = await makeSpecimen(folder, "closed", [options]);
    const killed = await makeSpecimen(folder, "killed", [{ ...options, isKilled: true }]);
    for (let trial = 0; trial < trials; trial++) {
      const attempt = CASES[trial % CASES.length] as Case;
      const home = join(folder, `home${trial}`);
      const path = join(home, "metrics.db");
      mkdirSync(home);
      const specimen = attempt.isKilled ? killed : closed;
      if (!attempt.isMissing) specimen.copyTo(path);
      for (const name of ["", "-wal"].map((suffix) => path + suffix).filter((name) => existsSync(name))) {
        if (uid !== undefined) chownSync(name, uid, uid);
        chmodSync(name, attempt.fileMode);
      }
      if (uid !== undefined) chownSync(home, uid, uid);
      chmodSync(home, attempt.folderMode);
      const before =
        attempt.isMissing || (uid === undefined && attempt.fileMode === 0) ? "" : readFileSync(path, "base64");

      const child = startChild("visitor", { ...WORKLOAD, path }, { uid });
      const lines = [await child.line(), await child.line()];
      const end = await child.ended;
      const read = attempt.read ?? `${specimen.writers[0]?.facts.size} sessions`;
      if (end !== 0) fail(trial, `${attempt.name}: ended with ${end}: ${child.errors()}`);
      else if (lines[0] !== attempt.written || lines[1] !== read)
        fail(trial, `${attempt.name}: ${lines.join(", ")}, not ${attempt.written}, ${read}`);
      if (before !== "" && readFileSync(path, "base64") !== before)
        fail(trial, `${attempt.name}: the file was changed`);
      chmodSync(home, 0o755);
      rmSync(home, { recursive: true });
    }
    return `${CASES.length} cases${uid === undefined ? "" : ", as nobody"}`;
  },
};
