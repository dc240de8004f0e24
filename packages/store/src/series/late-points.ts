/** Points that come after their range was compressed: each is taken once, as if the range were still plain. */
import type { Database } from "better-sqlite3";
import { hasPoint } from "./chunk/points.ts";
import { type ChunkHead, chunksOfDay, createChunkCache } from "./chunk/rows.ts";
import { dayOfNano, nanoOfDay } from "./chunk/types.ts";
import { createStateRowReader } from "./maintenance/state.ts";

/** What one transaction needs to know about what is compressed already. */
interface LateCheck {
  /** Why a point of this time cannot be stored any more, or undefined. */
  refusal(timeNano: bigint): string | undefined;
  /** Whether a chunk holds this point. */
  isKnown(seriesId: number, timeNano: bigint, startNano: bigint): boolean;
}

export interface LatePoints {
  /** To be called inside the transaction that writes. */
  begin(): LateCheck;
}

/** A day's worth of chunks of a busy file: an import goes through the days one after the other. */
const MAX_OPEN_CHUNKS = 24;

export function createLatePoints(database: Database): LatePoints {
  const cache = createChunkCache(database, MAX_OPEN_CHUNKS);
  const readState = createStateRowReader(database);
  return {
    begin() {
      const { detailedFromDay, packedToNano } = readState();
      const detailedFromNano = nanoOfDay(detailedFromDay);
      const chunksByDay = new Map<number, readonly ChunkHead[]>();
      const chunksOf = (day: number): readonly ChunkHead[] => {
        let chunks = chunksByDay.get(day);
        if (chunks === undefined) {
          chunks = chunksOfDay(database, day);
          chunksByDay.set(day, chunks);
        }
        return chunks;
      };
      return {
        refusal: (timeNano) => (timeNano < detailedFromNano ? "older than the single points that are kept" : undefined),
        isKnown(seriesId, timeNano, startNano) {
          if (timeNano > packedToNano) return false;
          const day = dayOfNano(timeNano);
          return chunksOf(day).some((head) => {
            if (timeNano < head.minNano || timeNano > head.maxNano) return false;
            const entries = cache.open(head, `series ${seriesId}`).entriesOf(seriesId);
            return hasPoint(day, entries, timeNano, startNano);
          });
        },
      };
    },
  };
}
