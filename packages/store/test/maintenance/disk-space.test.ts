/** Room on the disk: the floor, the reserve, and a disk that is full. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DAY_MILLIS } from "@moai-metrics/model";
import { describe, expect, it, onTestFinished } from "vitest";
import { openStore } from "../../src/index.ts";
import {
  createSpaceGuard,
  type DiskSpace,
  floorOf,
  makeReserve,
  planReserve,
  readDiskSpace,
  reservePathOf,
} from "../../src/maintenance/disk-space.ts";
import { call, NOON, session, task, temporaryFolder } from "../helpers.ts";

const GIGABYTE = 1_000_000_000;

describe("the floor", () => {
  it("is never more than a twentieth of the disk", () => {
    const settings = { minFreeBytes: 100_000_000 };
    expect(floorOf(settings, { freeBytes: 0, totalBytes: 100 * GIGABYTE })).toBe(100_000_000);
    expect(floorOf(settings, { freeBytes: 0, totalBytes: 16_000_000 })).toBe(800_000);
  });

  it("stops writing below it, and lets it go on as soon as there is room", () => {
    let space: DiskSpace | undefined = { freeBytes: 10, totalBytes: 1_000 };
    let time = 0;
    const guard = createSpaceGuard(
      "/x/metrics.db",
      { minFreeBytes: 30 },
      () => time,
      () => space,
    );
    expect(guard.missingBytes()).toBe(20);
    space = { freeBytes: 30, totalBytes: 1_000 };
    expect(guard.missingBytes()).toBeUndefined();
    space = { freeBytes: 0, totalBytes: 1_000 };
    expect(guard.missingBytes()).toBeUndefined();
    time = 501;
    expect(guard.missingBytes()).toBe(30);
    space = undefined;
    expect(guard.missingBytes()).toBeUndefined();
  });

  it("is told for what it is", () => {
    const folder = temporaryFolder();
    const { freeBytes = 0, totalBytes = 0 } = readDiskSpace(folder) ?? {};
    expect(freeBytes).toBeGreaterThan(0);
    expect(totalBytes).toBeGreaterThanOrEqual(freeBytes);
    expect(readDiskSpace(join(folder, "not there"))).toBeUndefined();
  });
});

describe("the reserve", () => {
  const settings = { reserve: { bytes: 100, minFreeBytes: 1_000 } };
  const plenty = { freeBytes: 2_000, totalBytes: 9_000 };

  it.each([
    ["make", settings, { presentBytes: 0, dataBytes: 100 }, plenty],
    ["keep", settings, { presentBytes: 100, dataBytes: 100 }, plenty],
    ["keep", settings, { presentBytes: 0, dataBytes: 99 }, plenty],
    ["keep", settings, { presentBytes: 0, dataBytes: 100 }, { ...plenty, freeBytes: 1_100 }],
    ["keep", settings, { presentBytes: 0, dataBytes: 100 }, undefined],
    ["remove", { reserve: { bytes: 0, minFreeBytes: 0 } }, { presentBytes: 5, dataBytes: 100 }, plenty],
  ] as const)("is planned: %s", (plan, options, sizes, space) => {
    expect(planReserve(options, sizes, space)).toBe(plan);
  });

  it("leaves nothing behind where there is no room for it", () => {
    const path = join(temporaryFolder(), "metrics.db");
    const module = fileURLToPath(new URL("../../src/maintenance/disk-space.ts", import.meta.url));
    const script = `
      import { makeReserve } from ${JSON.stringify(module)};
      try { makeReserve(${JSON.stringify(path)}, 4e6); } catch (error) { console.log(error.code); }`;
    const { stdout } = spawnSync(
      "bash",
      ["-c", 'ulimit -f 100; exec "$0" --input-type=module-typescript -e "$1"', process.execPath, script],
      { encoding: "utf8" },
    );
    expect(stdout.trim()).toBe("EFBIG");
    expect(existsSync(reservePathOf(path))).toBe(false);
    makeReserve(path, 2_500_000);
    expect(statSync(reservePathOf(path)).size).toBe(2_500_000);
  });
});

/** A small disk of its own; undefined where this user may not mount one. */
function smallDisk(megabytes: number): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), "moai-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", folder], { stdio: "ignore" });
  } catch {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  onTestFinished(() => {
    execFileSync("umount", ["-l", folder]);
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

describe("a full disk", () => {
  it("is told as such, can be cleaned with the reserve, and takes facts again", async ({ skip }) => {
    const disk = smallDisk(16);
    if (disk === undefined) return skip();
    const path = join(disk, "metrics.db");
    const settings = { reserve: { bytes: 1_000_000, minFreeBytes: 0 }, minFreeBytes: 0 };
    const store = openStore({ path, settings });
    onTestFinished(() => store.close());
    const old = NOON - 500 * DAY_MILLIS;
    for (let batch = 0; batch < 10; batch++) {
      const names = { sessionId: `old${batch}`, taskId: `old${batch}` };
      store.write({
        facts: [
          session({ ...names, activity: [{ startMillis: old, endMillis: old + 60_000 }] }),
          task({ ...names, startedAtMillis: old, lastSeenAtMillis: old + 60_000 }),
          ...Array.from({ length: 2_000 }, (_, i) =>
            call({ ...names, requestId: `o${batch}-${i}`, responseId: `o${batch}-${i}`, endedAtMillis: old + i }),
          ),
        ],
      });
    }
    store.write({
      facts: Array.from({ length: 20_000 }, (_, i) => call({ requestId: `f${i}`, responseId: `f${i}` })),
    });
    await store.maintain({ nowMillis: NOON, isThorough: true });
    expect(statSync(reservePathOf(path)).size).toBe(1_000_000);

    writeFileSync(join(disk, "something else"), Buffer.alloc(Math.max(0, readDiskSpace(disk)?.freeBytes ?? 0)));
    let refusals = 0;
    for (let i = 0; i < 200 && refusals === 0; i++) {
      const facts = Array.from({ length: 100 }, (_, k) => call({ requestId: `n${i}-${k}`, responseId: `n${i}-${k}` }));
      try {
        store.write({ facts });
      } catch (error) {
        expect(error).toMatchObject({ code: "full" });
        refusals += 1;
      }
    }
    expect(refusals).toBe(1);
    const outcome = await store.maintain({ nowMillis: NOON + DAY_MILLIS });
    expect(outcome).toMatchObject({ state: "done", deleted: { model_call: 20_000 } });
    expect(statSync(reservePathOf(path)).size).toBe(1_000_000);
    store.write({ facts: [call({ requestId: "after", responseId: "after" })] });
    expect(store.check()).toMatchObject({ isSound: true });
  });

  it("stops writing at the floor, and goes on without being opened again", ({ skip }) => {
    const disk = smallDisk(16);
    if (disk === undefined) return skip();
    const store = openStore({ path: join(disk, "metrics.db") });
    onTestFinished(() => store.close());
    const filler = join(disk, "something else");
    writeFileSync(filler, Buffer.alloc((readDiskSpace(disk)?.freeBytes ?? 0) - 400_000));
    expect(() => store.write({ facts: [call()] })).toThrow(/nearly full: 0\.\d MB must be freed/);
    rmSync(filler);
    expect(store.write({ facts: [call()] }).inserted).toBeGreaterThan(0);
  });
});
