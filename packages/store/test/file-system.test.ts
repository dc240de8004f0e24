/** Places where a store cannot be, or cannot be written. */
import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { requireLocalFolder, sharedFileSystemOf } from "../src/file-system.ts";
import { openStore } from "../src/index.ts";
import { openImmutable } from "../src/open-immutable.ts";
import { call, temporaryStore } from "./helpers.ts";

describe("a shared file system", () => {
  it.each([
    [0x6969, "NFS"],
    [0xff534d42, "SMB"],
    // Some systems give the number with its sign.
    [0xff534d42 - 2 ** 32, "SMB"],
    [0x65735546, "FUSE"],
    [0x01021997, "9P"],
  ])("(%i) is %s, and refused with the name of a local folder", (type, name) => {
    const typeOf = () => type;
    expect(sharedFileSystemOf("/x", typeOf)).toBe(name);
    expect(() => requireLocalFolder("/x/metrics.db", typeOf)).toThrow(
      new RegExp(`/x lies on a ${name} file system.*--storage /var/tmp/moai-metrics-`),
    );
  });

  it("is none of the local ones, nor one that does not tell", () => {
    expect(sharedFileSystemOf("/x", () => 0xef53)).toBeUndefined();
    expect(sharedFileSystemOf("/not/there")).toBeUndefined();
    expect(() => requireLocalFolder("/tmp/metrics.db", () => 0xef53)).not.toThrow();
  });
});

/** Opens a store as a user without rights over it; prints what it says and what it reads. */
function openAsStranger(path: string, options: object): string {
  return runAsStranger(`
      const store = openStore({ path: ${JSON.stringify(path)}, ...${JSON.stringify(options)} });
      console.log("calls " + store.ledger.usage({})[0]?.calls);
      try { store.write({ facts: [] }); console.log("written"); } catch (error) { console.log(error.code); }`);
}

/** Runs statements as that user; prints the error that ends them. */
function runAsStranger(statements: string): string {
  const index = fileURLToPath(new URL("../src/index.ts", import.meta.url));
  const script = `
    import { openStore, salvageStore } from ${JSON.stringify(index)};
    try { ${statements}
    } catch (error) { console.log(error.code + ": " + error.message); }`;
  const isRoot = process.getuid?.() === 0;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module-typescript", "-e", script], {
    encoding: "utf8",
    ...(isRoot ? { uid: 65_534, gid: 65_534 } : {}),
  });
  return stdout + stderr;
}

/** A closed store that everyone may read, in a folder that only its owner may write. */
function sharedStore(): string {
  const folder = mkdtempSync(join(tmpdir(), "moai-shared-"));
  onTestFinished(() => {
    chmodSync(folder, 0o755);
    rmSync(folder, { recursive: true, force: true });
  });
  const path = join(folder, "metrics.db");
  const store = openStore({ path });
  store.write({ facts: [call()] });
  store.close();
  chmodSync(path, 0o644);
  chmodSync(folder, 0o555);
  return path;
}

describe("a folder that cannot be written", () => {
  it("is read, and refuses writing", () => {
    const path = sharedStore();
    const before = readFileSync(path);
    expect(openAsStranger(path, { readOnly: true })).toBe("calls 1\nread_only\n");
    expect(openAsStranger(path, {})).toMatch(/^read_only: .*cannot be written\. Check the permissions/);
    expect(readFileSync(path)).toEqual(before);
  });

  it("is read as it was when nothing could be written since", () => {
    const path = sharedStore();
    const database = openImmutable(path);
    expect(database.prepare("SELECT count(*) FROM session").pluck().get()).toBe(1);
    expect(() => database.exec("DELETE FROM session")).toThrow();
    database.close();
  });

  it("does not hold a file that is too large for memory", () => {
    const path = sharedStore();
    truncateSync(path, 513 * 1024 * 1024);
    expect(() => openImmutable(path)).toThrow(/\(538 MB\) is too large to be read/);
  });

  it("says what to do when the newest changes lie in the log", () => {
    const path = sharedStore();
    chmodSync(join(path, ".."), 0o755);
    writeFileSync(`${path}-wal`, "x");
    chmodSync(join(path, ".."), 0o555);
    expect(() => openImmutable(path)).toThrow(/recent changes lie in .*-wal\. Copy the folder/);
  });
});

describe("a backup", () => {
  it("into a folder without rights says where else it can go", () => {
    const path = sharedStore();
    const script = `await openStore({ path: ${JSON.stringify(path)}, readOnly: true }).backUp({ target: "${path}.copy" });`;
    expect(runAsStranger(script)).toMatch(
      /^read_only: .*cannot be written\. Name a file elsewhere: .* db backup FILE\./,
    );
  });
});

describe("a salvage", () => {
  const salvage = (path: string) => runAsStranger(`salvageStore(${JSON.stringify(path)}, { nowMillis: 0 })`);

  it("does not take a folder without rights for damage", () => {
    const path = sharedStore();
    expect(salvage(path)).toMatch(/^read_only: .* cannot be written\. Check the permissions of the folder\.\n$/);
    chmodSync(path, 0o000);
    expect(salvage(path)).toMatch(/^cannot_open: .*metrics\.db cannot be read\. Nothing was changed\. Check the/);
  });
});

describe("a file that cannot be written", () => {
  it("in a folder that can is read, and refuses writing", () => {
    const store = temporaryStore();
    store.write({ facts: [call()] });
    store.close();
    const folder = join(store.path, "..");
    if (process.getuid?.() === 0) chownSync(folder, 65_534, 65_534);
    chmodSync(folder, 0o700);
    chmodSync(store.path, 0o444);
    expect(openAsStranger(store.path, { readOnly: true })).toBe("calls 1\nread_only\n");
    expect(openAsStranger(store.path, {})).toMatch(/^read_only: .*metrics\.db cannot be written/);
  });
});
