/** Disks that are full at a chosen byte, and have room again when told. */
import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Child, ChildOptions } from "./child.ts";

const KIBIBYTE = 1024;

/** Starts a child whose files cannot grow beyond a size. */
export function limitedFileSize(maxKibibytes: number): ChildOptions {
  return {
    wrap: (node, args) => ["bash", ["-c", `ulimit -S -f ${maxKibibytes}; exec "$0" "$@"`, node, ...args]],
  };
}

/** Lifts the limit of a running child. */
export function liftFileSizeLimit(child: Child): void {
  const { status, stderr } = spawnSync("prlimit", ["--pid", String(child.process.pid), "--fsize=unlimited"]);
  if (status !== 0) throw new Error(`prlimit: ${stderr}`);
}

/** Why files of children cannot be limited here. */
export function fileSizeLimitObstacle(): string | undefined {
  if (process.platform !== "linux") return "limits of a running process are lifted with Linux's prlimit";
  return spawnSync("prlimit", ["--version"]).status === 0 ? undefined : "there is no prlimit";
}

/** A small file system in memory. */
export interface SmallDisk {
  readonly folder: string;
  /** Leaves this much room. */
  fill(roomKibibytes: number): void;
  /** Makes the room that was taken by `fill` again. */
  free(): void;
  unmount(): void;
}

/** Mounts a small disk below a folder. */
export function mountSmallDisk(folder: string, name: string, kibibytes: number): SmallDisk {
  const mountPoint = join(folder, name);
  mkdirSync(mountPoint);
  const { status, stderr } = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${kibibytes}k`, "tmpfs", mountPoint]);
  if (status !== 0) throw new Error(`mount: ${stderr}`);
  const filler = join(mountPoint, "filler");
  return {
    folder: mountPoint,
    fill(roomKibibytes) {
      const { bavail, bsize } = statfsSync(mountPoint);
      const file = openSync(filler, "a");
      const block = Buffer.alloc(KIBIBYTE);
      for (let left = Math.floor((bavail * bsize) / KIBIBYTE) - roomKibibytes; left > 0; left--) writeSync(file, block);
      closeSync(file);
    },
    free: () => rmSync(filler, { force: true }),
    unmount() {
      spawnSync("umount", [mountPoint]);
      rmSync(mountPoint, { recursive: true, force: true });
    },
  };
}

/** Why nothing can be mounted here. */
export function mountObstacle(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "only root may mount a small disk";
  const { status } = spawnSync("unshare", ["--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]);
  return status === 0 ? undefined : "mounting is not allowed here";
}
