/** Tells when someone writes to the files of a store. */
import { type FSWatcher, watch } from "node:fs";
import { basename, dirname } from "node:path";

/** A store that is watched. */
export interface StoreWatch {
  /** Begins where it has not begun yet: the folder may have come into being since, or come back. */
  refresh(): void;
  close(): void;
}

/**
 * Watches. Not every system tells, nor of every folder: whoever relies on it asks now and then by himself.
 *
 * @param path the database; its log lies beside it.
 * @param onWrite called once or more after a write, sometimes before it can be seen.
 */
export function watchStore(path: string, onWrite: () => void): StoreWatch {
  const [folder, name] = [dirname(path), basename(path)];
  let watcher: FSWatcher | undefined;
  const close = (): void => {
    watcher?.close();
    watcher = undefined;
  };
  return {
    refresh: () => {
      if (watcher !== undefined) return;
      try {
        watcher = watch(folder, { persistent: false }, (_, changed) => {
          // The folder itself: it is gone.
          if (changed === basename(folder)) close();
          if (changed === null || changed.startsWith(name)) onWrite();
        });
        watcher.on("error", close);
      } catch {
        // There is no folder yet, or the system watches no more of them.
      }
    },
    close,
  };
}
