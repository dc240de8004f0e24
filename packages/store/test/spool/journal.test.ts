import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Fact } from "@moai-metrics/model";
import fc from "fast-check";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { createFactJournal, decodeJournal, encodeFacts, listLeftJournals } from "../../src/index.ts";

let folder: string;

beforeEach(() => {
  const home = mkdtempSync(join(tmpdir(), "journal-"));
  folder = join(home, "spool");
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
});

const task = (taskId: string): Fact => ({ kind: "task", witness: "process", product: "p", sessionId: "s", taskId });
const files = (): string[] => readdirSync(folder).map((name) => join(folder, name));
const read = (): readonly Fact[] => files().flatMap((path) => decodeJournal(readFileSync(path, "utf8"))?.facts ?? []);

describe("the journal", () => {
  it("holds facts until all in a file are safe elsewhere, for its owner's eyes only", () => {
    const journal = createFactJournal(folder);
    const releases = [["a", "b"], ["c"]].map((ids) => journal.append(encodeFacts(ids.map(task))));
    expect(read()).toEqual(["a", "b", "c"].map(task));
    expect(files()).toHaveLength(1);
    for (const path of [folder, ...files()]) expect(statSync(path).mode & 0o077).toBe(0);
    releases[1]?.();
    expect(files()).toHaveLength(1);
    releases[0]?.();
    expect(files()).toEqual([]);
    journal.append(encodeFacts([task("d")]))();
    expect(files()).toEqual([]);
    journal.close();
  });

  it("begins another file after some seconds, so that no one adds to one that others may take", () => {
    let millis = 0;
    const journal = createFactJournal(folder, () => millis);
    const first = journal.append(encodeFacts([task("a")]));
    millis = 4001;
    journal.append(encodeFacts([task("b")]));
    expect(files()).toHaveLength(2);
    first();
    expect(read()).toEqual([task("b")]);
    journal.close();
    expect(read()).toEqual([task("b")]);
  });

  it("says so where it cannot be written", () => {
    writeFileSync(folder, "");
    expect(() => createFactJournal(folder).append("[]")).toThrow("EEXIST");
  });

  it.skipIf(spawnSync("prlimit", ["--version"]).status !== 0)(
    "adds nothing to a file whose first line could not be written, and makes another when there is room again",
    () => {
      const program = `
        import { spawnSync } from "node:child_process";
        import { createFactJournal } from ${JSON.stringify(new URL("../../src/spool/journal.ts", import.meta.url).href)};
        const journal = createFactJournal(process.argv[1]);
        try {
          journal.append("[]");
          process.exit(1);
        } catch {}
        spawnSync("prlimit", ["--pid", String(process.pid), "--fsize=unlimited"]);
        journal.append(process.argv[2]);`;
      const { status, stderr } = spawnSync(
        "sh",
        // No file may grow at all: as on a full disk.
        ["-c", 'ulimit -S -f 0; exec "$@"', "sh", process.execPath, "--input-type=module", "-e", program].concat(
          folder,
          encodeFacts([task("a")]),
        ),
        { encoding: "utf8" },
      );
      expect(status, stderr).toBe(0);
      expect(read()).toEqual([task("a")]);
    },
  );

  it("keeps digests of paths, not paths", () => {
    const journal = createFactJournal(folder);
    const change: Fact = {
      kind: "file_change",
      witness: "process",
      product: "p",
      sessionId: "s",
      taskId: "t",
      path: "/secret/plan.md",
      change: "created",
      atMillis: 1,
    };
    journal.append(encodeFacts([change]));
    expect(readFileSync(files()[0] ?? "", "utf8")).not.toContain("plan");
    expect(read()).toMatchObject([{ path: expect.stringMatching(/^sha256:/) }]);
  });
});

describe("a journal that was left", () => {
  it("gives every fact of a whole line, wherever it was cut off", () => {
    const journal = createFactJournal(folder);
    for (const ids of [["a"], ["b", "c"], ["d"]]) journal.append(encodeFacts(ids.map(task)));
    const text = readFileSync(files()[0] ?? "", "utf8");
    const whole = decodeJournal(text);
    expect(whole).toEqual({ facts: ["a", "b", "c", "d"].map(task), invalid: 0 });
    fc.assert(
      fc.property(fc.nat(text.length), (bytes) => {
        const cut = decodeJournal(text.slice(0, bytes));
        const lines = text.slice(0, bytes).split("\n").length - 1;
        expect(cut).toEqual({ facts: whole?.facts.slice(0, [0, 0, 1, 3, 4][lines]), invalid: 0 });
      }),
    );
  });

  it("counts what is no fact, and is none when it does not begin like one", () => {
    expect(decodeJournal('{"journal":1}\nnot json\n{}\n[1]\n')).toEqual({ facts: [], invalid: 3 });
    expect(decodeJournal('{"journal":2}\n[]\n')).toBeUndefined();
    expect(decodeJournal("anything\n")).toBeUndefined();
  });

  it("is found when its process is gone, or did not add to it for long", () => {
    expect(listLeftJournals(folder, Date.now())).toEqual([]);
    createFactJournal(folder).append(encodeFacts([task("mine")]));
    const [mine = ""] = files();
    const { pid } = spawnSync(process.execPath, ["-e", "0"]);
    const gone = join(folder, `1-${pid}-0_1.journal`);
    appendFileSync(gone, '{"journal":1}\n');
    writeFileSync(join(folder, "other.journal"), "");
    expect(listLeftJournals(folder, Date.now())).toEqual([gone]);
    utimesSync(mine, new Date(), new Date(Date.now() - 20_000));
    expect(listLeftJournals(folder, Date.now())).toEqual([gone, mine]);
    expect(existsSync(mine)).toBe(true);
  });
});
