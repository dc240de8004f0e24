/** How far transcripts have been read, and what was skipped in them. */
import type { Database } from "better-sqlite3";
import type { FileSkipCount, SkipCount, TranscriptCursor, TranscriptMark } from "../types.ts";

export interface Transcripts {
  marks(product: string): Map<string, TranscriptMark>;
  readingState(path: string): string | undefined;
  skipped(): SkipCount[];
  save(cursor: TranscriptCursor): void;
  forgetSkipped(path: string): void;
  addSkipped(skip: FileSkipCount): void;
}

type MarkRow = [path: string, inode: number, sizeBytes: number, modifiedAtMillis: number, offsetBytes: number];

export function createTranscripts(database: Database): Transcripts {
  const selectMarks = database
    .prepare<[string], MarkRow>(
      "SELECT path, inode, size_bytes, modified_at, offset_bytes FROM transcript WHERE product = ?",
    )
    .raw();
  const selectState = database.prepare<[string], string>("SELECT state FROM transcript WHERE path = ?").pluck();
  const selectSkipped = database.prepare<[], SkipCount>(
    `SELECT product, reason, sum(count) AS count FROM skipped
     GROUP BY product, reason ORDER BY product, count DESC, reason`,
  );
  const upsert = database.prepare<(string | number)[]>(
    `INSERT INTO transcript (path, product, inode, size_bytes, modified_at, offset_bytes, state)
     VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (path) DO UPDATE SET product = excluded.product, inode = excluded.inode,
       size_bytes = excluded.size_bytes, modified_at = excluded.modified_at,
       offset_bytes = excluded.offset_bytes, state = excluded.state`,
  );
  const removeSkips = database.prepare<[string]>("DELETE FROM skipped WHERE path = ?");
  const addSkip = database.prepare<[string, string, string, number]>(
    `INSERT INTO skipped (path, product, reason, count) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET count = count + excluded.count`,
  );
  return {
    marks(product) {
      const marks = new Map<string, TranscriptMark>();
      for (const [path, inode, sizeBytes, modifiedAtMillis, offsetBytes] of selectMarks.all(product)) {
        marks.set(path, { path, product, inode, sizeBytes, modifiedAtMillis, offsetBytes });
      }
      return marks;
    },
    readingState: (path) => selectState.get(path),
    skipped: () => selectSkipped.all(),
    save(cursor) {
      upsert.run(
        cursor.path,
        cursor.product,
        cursor.inode,
        cursor.sizeBytes,
        cursor.modifiedAtMillis,
        cursor.offsetBytes,
        cursor.state,
      );
    },
    forgetSkipped(path) {
      removeSkips.run(path);
    },
    addSkipped({ path, product, reason, count }) {
      addSkip.run(path, product, reason, count);
    },
  };
}
