/** Where bringing a file up to date has got to; said before each part. */
export interface MigrationProgress {
  /** `copy`: the file is copied as it is; `change`: one migration runs. */
  readonly phase: "copy" | "change";
  readonly fromVersion: number;
  readonly toVersion: number;
  /** What the migration brings, or the path of the copy. */
  readonly name: string;
}
