/** What two `init` at the same time do to one journal, and to files that are no text. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CommandError } from "../../src/errors.ts";
import { applyChanges } from "../../src/init/apply-changes.ts";
import { readFileState } from "../../src/init/file-state.ts";
import { EMPTY_JOURNAL, readJournal, replaceJournal } from "../../src/init/journal.ts";
import { type FileChange, planFile } from "../../src/init/plan-files.ts";
import { temporaryHome } from "../support/run-binary.ts";

const changeOf = (path: string): FileChange => {
  const wanted = { path, format: "whole", content: "#!/bin/sh\n", mode: 0o700 } as const;
  return planFile(wanted, readFileState(path), EMPTY_JOURNAL).change!;
};

describe("changes of files", () => {
  it("are not made when another init has noted its own since: the journal keeps those", () => {
    const storage = temporaryHome();
    const [first, second] = [join(storage, "first.sh"), join(storage, "second.sh")];
    const changes = [first, second].map(changeOf);
    expect(applyChanges(storage, EMPTY_JOURNAL, changes.slice(0, 1))).toEqual([]);
    expect(() => applyChanges(storage, EMPTY_JOURNAL, changes.slice(1))).toThrow(
      /another init .*Run the command again/,
    );
    expect(existsSync(second)).toBe(false);
    expect(() => replaceJournal(storage, EMPTY_JOURNAL, EMPTY_JOURNAL)).toThrow(/another init/);
    expect(readJournal(storage).files.map(({ path }) => path)).toEqual([first]);
  });

  it("are not begun with a journal that cannot be read, and a person is told what to do", () => {
    const storage = temporaryHome();
    writeFileSync(join(storage, "init-journal.json"), '{"version":2,"files":[]}');
    expect(() => readJournal(storage)).toThrow(CommandError);
    expect(() => readJournal(storage)).toThrow(/Take its changes back by hand, then delete it/);
  });

  it("are never planned for a file that is not UTF-8, which would come out as another one", () => {
    const path = join(temporaryHome(), "settings.json");
    const bytes = Buffer.from('{"name": "Andr\xe9"}\n', "latin1");
    writeFileSync(path, bytes);
    const wishes = [{ kind: "value", path: ["env", "A"], value: "1" }] as const;
    const wanted = { path, format: "json", wishes, hasToken: false, mode: 0o600 } as const;
    expect(planFile(wanted, readFileState(path), EMPTY_JOURNAL)).toMatchObject({
      change: undefined,
      problem: "it is not UTF-8",
    });
    expect(readFileSync(path)).toEqual(bytes);
  });
});
