import type { Migration } from "./types.ts";

/**
 * Schema version 14: pages of the sessions of a project. Frozen: a released migration never changes.
 *
 * The index is explained in docs/format/tables.md.
 */
export const SESSIONS_BY_PROJECT: Migration = {
  name: "sessions by project",
  isAdditive: true,
  apply: (database) =>
    database.exec("CREATE INDEX session_by_project ON session (project_id, ended_at) WHERE ended_at >= 0"),
};
