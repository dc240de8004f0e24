/** Which tags of sessions are labels of live counters, and what the sessions say. */
import type { Database } from "better-sqlite3";
import { NO_STRING, type Strings } from "../write/strings.ts";

/** Reads labels of sessions. */
export interface SessionLabels {
  /** Whether any tag is a label now. */
  areThereAny(): boolean;
  /** The labels of a session as the number of a string, see {@link encodeLabels}; 0 for none. */
  of(sessionRowId: number): number;
}

/** Names and values. */
export type Labels = Readonly<Record<string, string>>;

/** Creates it; must be asked inside a write transaction. */
export function createSessionLabels(database: Database, strings: Strings): SessionLabels {
  const any = database.prepare<[], number>("SELECT EXISTS (SELECT 1 FROM live_label)").pluck();
  const select = database
    .prepare<[number], [key: string, value: string]>(
      `SELECT key.text, value.text FROM session_tag
       JOIN live_label USING (key_id)
       JOIN string AS key ON key.id = session_tag.key_id
       JOIN string AS value ON value.id = session_tag.value_id
       WHERE session_id = ?`,
    )
    .raw();
  return {
    areThereAny: () => any.get() === 1,
    of(sessionRowId) {
      const found = select.all(sessionRowId);
      return found.length === 0 ? NO_STRING : strings.idOf(encodeLabels(found));
    },
  };
}

/** The same text for the same labels. */
function encodeLabels(labels: readonly (readonly [key: string, value: string])[]): string {
  return JSON.stringify(Object.fromEntries([...labels].sort(([a], [b]) => (a < b ? -1 : 1))));
}

/** What {@link encodeLabels} wrote; the empty text is no labels. */
export function decodeLabels(text: string): Labels {
  return text === "" ? {} : (JSON.parse(text) as Labels);
}

/** From now on these tags are labels. What was counted stays where it is. Writes where they are others than before. */
export function saveLiveLabels(database: Database, names: readonly string[]): void {
  const known = database
    .prepare<[], string>("SELECT text FROM live_label JOIN string ON string.id = key_id ORDER BY text")
    .pluck();
  const isSame = (): boolean => JSON.stringify(known.all()) === JSON.stringify([...new Set(names)].sort());
  if (isSame()) return;
  const addName = database.prepare<[string]>("INSERT INTO string (text) VALUES (?) ON CONFLICT DO NOTHING");
  const add = database.prepare<[string]>("INSERT INTO live_label (key_id) SELECT id FROM string WHERE text = ?");
  const save = database.transaction(() => {
    if (isSame()) return;
    database.exec("DELETE FROM live_label");
    for (const name of new Set(names)) {
      addName.run(name);
      add.run(name);
    }
  });
  save.immediate();
}
