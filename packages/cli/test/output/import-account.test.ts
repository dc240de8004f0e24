import type { CatchUpOutcome, SourceOutcome } from "@moai-metrics/receiver";
import { expect, it } from "vitest";
import { accountLines } from "../../src/output/import-account.ts";
import { failureLines } from "../../src/output/transcript-notes.ts";

const SOURCE: SourceOutcome = {
  product: "codex",
  label: "Codex",
  roots: ["/home/dev/.codex/sessions"],
  filesFound: 3,
  filesRead: 2,
  filesUnchanged: 1,
  bytesRead: 5_000_000,
  facts: 10,
  inserted: 7,
  changed: 3,
  refused: new Map([["count is not a whole number within reason", 1]]),
  skipped: new Map([
    ["a", 4],
    ["b", 3],
    ["c", 2],
    ["d", 1],
  ]),
  failures: [{ path: "/x", code: "EACCES" }],
};
const OUTCOME: CatchUpOutcome = {
  sources: [SOURCE],
  spool: { filesDrained: 2, facts: 5, points: 9, unreadableFiles: ["/spool/1.json"], brokenFiles: ["/spool/2.json"] },
  hooks: { filesDrained: 1, facts: 2, brokenFiles: ["/spool/1.hook"] },
  silentTasksClosed: 4,
  isInterrupted: false,
};

it("an import accounts for everything that it met", () => {
  expect(accountLines(OUTCOME, 1000)).toEqual([
    "Codex: 3 files, 2 read, 1 unchanged since the last time",
    "  5.0 MB in 1.0s (5 MB/s)",
    "  10 facts: 7 new, 3 added to known ones",
    "  1 facts refused: count is not a whole number within reason 1",
    "  10 records skipped: a 4, b 3, c 2 and 1 more reasons (--verbose)",
    "  1 file could not be read",
    "Spool: 5 waiting facts and 9 data points from 2 files",
    "Hooks: 2 facts from 1 file",
    "4 tasks had fallen silent and were closed with an unknown result.",
  ]);
  expect(failureLines(OUTCOME)).toHaveLength(4);
  expect(failureLines(undefined)).toEqual([]);
});

it("a small import says so, and one that found nothing where it looked", () => {
  const small = { ...SOURCE, bytesRead: 900, refused: new Map(), skipped: new Map(), failures: [] };
  const quiet = { ...OUTCOME, spool: undefined, hooks: undefined, silentTasksClosed: 0 };
  expect(accountLines({ ...quiet, sources: [small] }, 2000)).toContain("  less than 0.1 MB in 2.0s (<1 MB/s)");
  expect(accountLines({ ...quiet, sources: [{ ...small, filesFound: 0 }] }, 1)).toEqual([
    "Codex: no transcripts in",
    "  /home/dev/.codex/sessions",
  ]);
  expect(accountLines({ ...quiet, sources: [{ ...small, filesRead: 0, bytesRead: 0 }] }, 1)).toHaveLength(1);
});
