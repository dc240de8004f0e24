/**
 * Which quarter hours had facts changed lately. Who keeps in memory what it read of them forgets just these: the sums of
 * the rollups do not tell, because changes may cancel in them.
 */
import type { Database } from "better-sqlite3";

/** `meta`: JSON of a {@link ChangedQuarterHours}, its changes as pairs, the oldest first; absent before the first one. */
const KEY = "changed_quarter_hours";

/** New facts change one or two, and who asks again does so within seconds. */
const MAX_CHANGES = 16;

/** What is known of changes. */
export interface ChangedQuarterHours {
  /** How many transactions changed facts. */
  readonly generation: number;
  /** Up to this one it is no longer known what they changed. */
  readonly forgotten: number;
  /** By quarter hour the last one that changed it, the oldest first. */
  readonly changes: ReadonlyMap<number, number>;
}

const NOTHING: ChangedQuarterHours = Object.freeze({ generation: 0, forgotten: 0, changes: new Map<number, number>() });

/** What is known when another transaction has changed some quarter hours. Pure. */
export function planChangedQuarterHours(known: ChangedQuarterHours, changed: ReadonlySet<number>): ChangedQuarterHours {
  const generation = known.generation + 1;
  if (changed.size > MAX_CHANGES) return { generation, forgotten: generation, changes: new Map() };
  const kept = [...known.changes].filter(([quarterHour]) => !changed.has(quarterHour));
  const tooMany = Math.max(0, kept.length + changed.size - MAX_CHANGES);
  const forgotten = kept[tooMany - 1]?.[1] ?? known.forgotten;
  const added = Array.from(changed, (quarterHour) => [quarterHour, generation] as const);
  return { generation, forgotten, changes: new Map([...kept.slice(tooMany), ...added]) };
}

/** What became of quarter hours since a generation; undefined when all of them may have changed. Pure. */
export function changedSince(known: ChangedQuarterHours, generation: number): readonly number[] | undefined {
  if (generation < known.forgotten || generation > known.generation) return undefined;
  return [...known.changes].filter(([, changed]) => changed > generation).map(([quarterHour]) => quarterHour);
}

/** For who asks often. */
export function createChangedReader(database: Database): () => ChangedQuarterHours {
  const select = database.prepare<[string], string>("SELECT value FROM meta WHERE key = ?").pluck();
  return () => {
    const text = select.get(KEY);
    if (text === undefined) return NOTHING;
    const [generation, forgotten, changes] = JSON.parse(text) as [number, number, [number, number][]];
    return { generation, forgotten, changes: new Map(changes) };
  };
}

/** Notes changes, in the transaction that makes them. */
export function createChangedWriter(database: Database): (changed: ReadonlySet<number>) => void {
  const read = createChangedReader(database);
  const save = database.prepare<[string, string]>(
    "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
  );
  return (changed) => {
    if (changed.size === 0) return;
    const { generation, forgotten, changes } = planChangedQuarterHours(read(), changed);
    save.run(KEY, JSON.stringify([generation, forgotten, [...changes]]));
  };
}
