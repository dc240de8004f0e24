/** Tells when something changes below folders, some of which may not exist yet. */
import { existsSync, type FSWatcher, watch } from "node:fs";
import { dirname } from "node:path";

/** Folders that are watched. */
export interface FolderWatch {
  /** Begins with folders that have come into being since, and ends with those that are gone. @returns whether one is new. */
  refresh(): boolean;
  close(): void;
}

/**
 * Watches. A folder that is not there is waited for: the nearest one above it tells of its coming. The system may forget
 * to tell: whoever relies on it asks now and then by himself.
 *
 * @param onChange called once or more after a change.
 */
export function watchFolders(folders: readonly string[], onChange: () => void): FolderWatch {
  const watched = new Map<string, FSWatcher>();
  const awaited = new Map<string, FSWatcher>();
  let isClosed = false;
  const refresh = (): boolean => {
    if (isClosed) return false;
    const before = new Set(watched.keys());
    // What came before it was waited for was told by no one: so look again.
    for (let seen = ""; seen !== placesOf(folders).join("\n"); ) {
      const places = placesOf(folders);
      seen = places.join("\n");
      // A recursive watch of a folder that is not there neither fails nor ever tells.
      keep(watched, new Set(places.filter((place, at) => place === folders[at])), (folder) =>
        watch(folder, { recursive: true, persistent: false }, onChange),
      );
      keep(awaited, new Set(places.filter((place, at) => place !== folders[at])), (folder) =>
        watch(folder, { persistent: false }, () => {
          if (refresh()) onChange();
        }),
      );
    }
    return [...watched.keys()].some((folder) => !before.has(folder));
  };
  refresh();
  return {
    refresh,
    close: () => {
      isClosed = true;
      for (const watchers of [watched, awaited]) for (const watcher of watchers.values()) watcher.close();
    },
  };
}

/** Of each folder itself, or the nearest one above it that is there. */
function placesOf(folders: readonly string[]): string[] {
  return folders.map((folder) => {
    let place = folder;
    while (!existsSync(place) && place !== dirname(place)) place = dirname(place);
    return place;
  });
}

/** Ends the watchers of folders that are not wanted, and begins with those that are. */
function keep(
  watchers: Map<string, FSWatcher>,
  wanted: ReadonlySet<string>,
  begin: (folder: string) => FSWatcher,
): void {
  const forget = (folder: string): void => {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  };
  for (const folder of [...watchers.keys()]) if (!wanted.has(folder)) forget(folder);
  for (const folder of wanted) {
    if (watchers.has(folder)) continue;
    try {
      const watcher = begin(folder);
      watcher.on("error", () => forget(folder));
      watchers.set(folder, watcher);
    } catch {
      // The system watches no more folders: then asking now and then must do.
    }
  }
}
