/** What the report of a hook adds to a task, as SQL; must agree with what the ledger writer adds to the rollups. */

/** Tokens that count because no model call covers them. */
export const REPORTED_TOKENS = (task: string): string =>
  `(CASE ${task}.is_covered WHEN 0 THEN coalesce(${task}.reported_tokens, 0) ELSE 0 END)`;

/** How long an ended task took; NULL where no one knows, or where the time of the calls counts already. */
export const TASK_MILLIS = (task: string): string =>
  `(CASE WHEN ${task}.reported_ms IS NULL THEN ${task}.last_seen_at - ${task}.started_at
    WHEN ${task}.is_covered = 0 THEN ${task}.reported_ms END)`;
