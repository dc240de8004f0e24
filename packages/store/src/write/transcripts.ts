/** How far transcripts have been read, and what was skipped in them. */
import type { Database } from "better-sqlite3";
import type { SkipCount, TranscriptCursor } from "../types.ts";

export interface Transcripts {
  cursors(product: string): Map<string, TranscriptCursor>;
  skipped(): SkipCount[];
  save(cursor: TranscriptCursor): void;
  addSkipped(skip: SkipCount): void;
}

interface TranscriptRow {
  path: string;
  product: string;
  inode: number;
  size_bytes: number;
  modified_at: number;
  offset_bytes: number;
  state: string;
}

export function createTranscripts(database: Database): Transcripts {
  const selectAll = database.prepare<[string], TranscriptRow>("SELECT * FROM transcript WHERE product = ?");
  const selectSkipped = database.prepare<[], SkipCount>(
    "SELECT product, reason, count FROM skipped ORDER BY product, count DESC, reason",
  );
  const upsert = database.prepare<(string | number)[]>(
    `INSERT INTO transcript (path, product, inode, size_bytes, modified_at, offset_bytes, state)
     VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (path) DO UPDATE SET product = excluded.product, inode = excluded.inode,
       size_bytes = excluded.size_bytes, modified_at = excluded.modified_at,
       offset_bytes = excluded.offset_bytes, state = excluded.state`,
  );
  const addSkip = database.prepare<[string, string, number]>(
    `INSERT INTO skipped (product, reason, count) VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET count = count + excluded.count`,
  );
  return {
    cursors(product) {
      const cursors = new Map<string, TranscriptCursor>();
      for (const row of selectAll.all(product)) {
        cursors.set(row.path, {
          path: row.path,
          product: row.product,
          inode: row.inode,
          sizeBytes: row.size_bytes,
          modifiedAtMillis: row.modified_at,
          offsetBytes: row.offset_bytes,
          state: row.state,
        });
      }
      return cursors;
    },
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
    addSkipped({ product, reason, count }) {
      addSkip.run(product, reason, count);
    },
  };
}
