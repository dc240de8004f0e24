/** Tells when something changes below folders, some of which may not exist yet. */
import { existsSync, type FSWatcher, watch } from "node:fs";

/** Folders that are watched. */
export interface FolderWatch {
  /** Begins with folders that have come into being since, and ends with those that are gone. @returns whether one is new. */
  refresh(): boolean;
  close(): void;
}

/**
 * Watches. The system may forget to tell: whoever relies on it asks now and then by himself.
 *
 * @param onChange called once or more after a change.
 */
export function watchFolders(folders: readonly string[], onChange: () => void): FolderWatch {
  const watchers = new Map<string, FSWatcher>();
  const forget = (folder: string): void => {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  };
  const refresh = (): boolean => {
    let hasNew = false;
    for (const folder of folders) {
      // A recursive watch of a folder that is not there neither fails nor ever tells.
      if (!existsSync(folder)) {
        forget(folder);
        continue;
      }
      if (watchers.has(folder)) continue;
      try {
        const watcher = watch(folder, { recursive: true, persistent: false }, onChange);
        watcher.on("error", () => forget(folder));
        watchers.set(folder, watcher);
        hasNew = true;
      } catch {
        // The system watches no more folders: then asking now and then must do.
      }
    }
    return hasNew;
  };
  refresh();
  return {
    refresh,
    close: () => {
      for (const folder of [...watchers.keys()]) forget(folder);
    },
  };
}
