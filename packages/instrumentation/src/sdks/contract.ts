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
  /** Those among them that are functions which the patch may replace; of a CommonJS file, where it exports them. */
  readonly replaceable?: readonly string[];
  /** The file is a minified ES module: the names are those under which it exports its bindings. */
  readonly isBundle?: true;
}

/** A package that is patched. */
export interface SdkFiles {
  /** As npm knows it. */
  readonly packageName: string;
  readonly files: readonly SdkFile[];
}

/** What came of patching a file. */
interface Patched {
  /** Names of what should be there and is not. */
  readonly missing: readonly string[];
  /** What takes the place of replaceable functions. */
  readonly replacements?: Readonly<Record<string, unknown>>;
}

/** Patches what a file of the SDK has defined. */
export type PatchFile = (path: string, bindings: Readonly<Record<string, unknown>>) => Patched;
