/**
 * What the folder of an SDK tells. Its `files.ts` names the files of the SDK that are to be patched, as data, so that a
 * process that never loads the SDK loads none of our code for it; its `patch.ts` does it when such a file was loaded.
 */

/** A file of a package. */
interface SdkFile {
  /** Below the folder of the package, without extension: `resources/embeddings`. */
  readonly path: string;
  /** Bindings of the file's scope that are handed to the patch. */
  readonly names: readonly string[];
}

/** A package that is patched. */
export interface SdkFiles {
  /** As npm knows it. */
  readonly packageName: string;
  readonly files: readonly SdkFile[];
}

/**
 * Patches what a file of the SDK has defined.
 *
 * @returns the names of what should be there and is not.
 */
export type PatchFile = (path: string, bindings: Readonly<Record<string, unknown>>) => readonly string[];
