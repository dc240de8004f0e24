/**
 * What every table and column holds, in words for the people whose data it is. A test compares this list with the
 * schema: a column that is not described here cannot be added.
 */
import type { Keeping } from "./types.ts";

interface DescribedTable {
  readonly holds: string;
  readonly keeping: Keeping;
  readonly fields: Readonly<Record<string, string>>;
}

const OWN_NUMBER = "number of the row";
const SESSION = "number of its session";
const TASK = "number of its task";
const RANK = "which witness said so";
const ERROR_TYPE = "number of the class or code of an error, never its message";

/** Totals that sessions and tasks carry. */
const TOTALS = {
  calls: "number of model calls",
  call_errors: "number of failed model calls",
  calls_without_usage: "number of calls that did not tell their tokens",
  input: "tokens of input",
  cache_read: "tokens read from a cache",
  cache_write_5m: "tokens written to a cache for five minutes",
  cache_write_1h: "tokens written to a cache for an hour",
  output: "tokens of output",
  reasoning: "tokens of reasoning, inside the output",
  cost_nano_usd: "cost in billionths of a US dollar",
  reported_cost_nano_usd: "the part of the cost that the agent reported",
  unpriced_calls: "number of calls without a known price",
  call_ms: "duration of the model calls",
  tool_calls: "number of tool calls",
  tool_errors: "number of failed tool calls",
  tool_ms: "duration of the tool calls",
  undivided_tokens: "tokens that only a hook reported",
};

const LEDGER: Readonly<Record<string, DescribedTable>> = {
  session: {
    holds: "a session of an agent",
    keeping: "ledger",
    fields: {
      id: OWN_NUMBER,
      product_id: "number of the product's name, such as claude-code",
      session_key: "the agent's own id of the session",
      project_id: "number of the folder that it worked in",
      project_rank: RANK,
      branch_id: "number of the git branch",
      branch_rank: RANK,
      branch_at: "when the branch was seen",
      version_id: "number of the product's version",
      version_rank: RANK,
      started_at: "first event",
      ended_at: "last event",
      has_ended: "whether the session said that it ended",
      activity: "when it was active: pairs of times",
      is_by_metric: "whether only a metric told its tokens",
      is_live: "whether its duration is in the live counters",
      labels_id: 'number of its labels, such as {"team":"core"}',
      ...TOTALS,
    },
  },
  session_tag: {
    holds:
      "a tag of a session: what it says of its SPEC, or an attribute of its sender that you promoted by the key labels",
    keeping: "ledger",
    fields: { session_id: SESSION, key_id: "number of the label's key", value_id: "number of its value", rank: RANK },
  },
  task: {
    holds: "a task: a turn of yours, a run of a subagent or of a wrapped function",
    keeping: "ledger",
    fields: {
      id: OWN_NUMBER,
      product_id: "number of the product's name",
      task_key: "the agent's own id of the turn or run",
      key_hash: "hash of that id",
      session_id: SESSION,
      session_rank: RANK,
      parent_key: "id of the task around it",
      parent_rank: RANK,
      kind: "prompt, subagent, sdk or hook",
      kind_rank: RANK,
      agent_id: "number of the agent's name",
      agent_rank: RANK,
      started_at: "when it began",
      last_seen_at: "last sign of life",
      result: "success, failure, timeout, cancelled or unknown",
      result_rank: RANK,
      result_at: "when it ended",
      error_type_id: ERROR_TYPE,
      lines_added: "number of lines added to files",
      lines_removed: "number of lines removed from files",
      report_rank: RANK,
      reported_name: "what a hook called the task, such as task-001",
      reported_tokens: "number of tokens that a hook reported",
      reported_ms: "duration that a hook reported",
      report_knows_session: "whether the hook knew the agent's session, or its figures are rough",
      is_covered: "whether model calls tell of the same work, so that the hook's figures do not count",
      is_live: "whether it is in the live counters",
      live_lines_added: "number of added lines of its tool calls in the live counters",
      live_lines_removed: "number of removed lines of its tool calls in the live counters",
      ...TOTALS,
    },
  },
  model_call: {
    holds: "a call of a model",
    keeping: "ledger",
    fields: {
      id: "its quarter hour and a hash of its id",
      key_rest: "the rest of the hash",
      other_key: "hash of its other id",
      shape_id: "number of what it has in common with other calls",
      session_id: SESSION,
      task_id: TASK,
      ended_ms: "when it was complete",
      duration_ms: "how long it took",
      first_chunk_ms: "how long until the first part of the answer",
      input: TOTALS.input,
      cache_read: TOTALS.cache_read,
      cache_write_5m: TOTALS.cache_write_5m,
      cache_write_1h: TOTALS.cache_write_1h,
      output: TOTALS.output,
      reasoning: TOTALS.reasoning,
      web_searches: "number of web searches, not what was searched for",
      cost_nano_usd: TOTALS.cost_nano_usd,
    },
  },
  call_shape: {
    holds: "what many model calls have in common",
    keeping: "file",
    fields: {
      id: OWN_NUMBER,
      ranks: "which witness told which part",
      flags: "fast mode, reported cost, copy in a side conversation",
      witnesses: "which witnesses told of the call",
      model_id: "number of the model's name",
      price_id: "number of the prices it was costed with",
      error_type_id: ERROR_TYPE,
    },
  },
  model_call_dissent: {
    holds: "what a witness said of the tokens of a call where the call's row says otherwise",
    keeping: "ledger",
    fields: {
      call_id: "number of the call",
      witness: "number of the witness",
      input: TOTALS.input,
      cache_read: TOTALS.cache_read,
      cache_write: "number of tokens written to a cache",
      output: TOTALS.output,
    },
  },
  model_call_alias: {
    holds: "another id under which a call is found",
    keeping: "ledger",
    fields: { id: "a quarter hour and a hash of the id", call_place: "where the call lies" },
  },
  tool_call: {
    holds: "a call of a tool: its name and its time, never its arguments or its result",
    keeping: "ledger",
    fields: {
      id: "its quarter hour and a hash of its id",
      call_key: "hash of its id",
      ranks: "which witness told which part",
      session_id: SESSION,
      task_id: TASK,
      tool_id: "number of the tool's name, such as Bash",
      started_at: "when it began",
      ended_at: "when it ended",
      is_success: "whether it succeeded",
      error_type_id: ERROR_TYPE,
      lines_added: "number of lines added to files",
      lines_removed: "number of lines removed from files",
    },
  },
  quality: {
    holds: "a measurement of quality: a score and what it was counted from, never names of files or messages",
    keeping: "file",
    fields: {
      project_id: "number of the folder that was measured",
      measure: "what was measured: test_coverage, lint_score or benchmark_score",
      benchmark_id: "number of the benchmark's name",
      tool_id: "number of the name of the tool that measured",
      measured_at: "when it was measured",
      rank: RANK,
      score: "share from 0 to 1",
      good: "number of covered lines, or of files without errors",
      total: "number of lines, or of files",
    },
  },
  file_change: {
    holds: "that a task changed a file, without its name",
    keeping: "ledger",
    fields: {
      task_id: TASK,
      path_hash: "hash of the path under a key of this file: equal paths are told apart from others, nothing else",
      change: "created, modified or deleted",
      changed_at: "when",
    },
  },
  price: {
    holds: "prices that calls were costed with",
    keeping: "file",
    fields: {
      id: OWN_NUMBER,
      source: "where the prices come from",
      input: "price of a token of input",
      cache_read: "price of a token read from a cache",
      cache_write_5m: "price of a token written for five minutes",
      cache_write_1h: "price of a token written for an hour",
      output: "price of a token of output",
      web_search: "price of a web search",
    },
  },
};

const ROLLUPS: Readonly<Record<string, DescribedTable>> = {
  rollup_sheet: {
    holds: "sums of the facts of a quarter hour, by product, project, agent and model",
    keeping: "file",
    fields: { id: "quarter hour and number of the project", data: "counts, tokens, cost and durations" },
  },
  rollup_column: {
    holds: "sums of the facts of a day that is over",
    keeping: "file",
    fields: {
      id: "which day, and which sum",
      codec: "how it is written",
      crc: "checksum",
      data: "counts, tokens, cost and durations",
    },
  },
  rollup_zone: {
    holds: "a time zone in which you look at days",
    keeping: "file",
    fields: { id: OWN_NUMBER, name: "its name, such as Asia/Seoul" },
  },
  rollup_day: {
    holds: "a day of such a zone that was added up",
    keeping: "file",
    fields: { zone_id: "number of the zone", first_quarter_hour: "when it began", quarter_hours: "how long it was" },
  },
};

const LIVE: Readonly<Record<string, DescribedTable>> = {
  live_label: {
    holds: "a tag that is a label of live counters, because you promoted it by the key labels",
    keeping: "file",
    fields: { key_id: "number of the tag's name" },
  },
  live_counter: {
    holds: "sums of facts that were written within ten minutes, for Prometheus and other readers of counters",
    keeping: "file",
    fields: {
      product_id: "number of the product's name",
      project_id: "number of the folder",
      agent_id: "number of the agent's name",
      model_id: "number of the model's name",
      tool_id: "number of the tool's name",
      error_type_id: ERROR_TYPE,
      task_kind: "prompt, subagent, sdk or hook",
      task_result: "success, failure, timeout, cancelled or unknown",
      labels_id: 'number of the labels of the session, such as {"team":"core"}',
      since: "time of the earliest of these facts",
      data: "counts, tokens, cost and durations",
    },
  },
  exposed_series: {
    holds: "how far a reader of counters has been told, so that no counter falls",
    keeping: "file",
    fields: {
      reader: "who reads: prometheus, forward, or the name that it gave itself",
      series:
        "name of the metric and its labels: names of product, project, agent, model, tool and class of errors, kind " +
        "and result of tasks",
      started_at: "since when it is counted",
      shown: "the highest counts that it was shown",
      received: "the counts that it is known to have",
    },
  },
};

const SERIES: Readonly<Record<string, DescribedTable>> = {
  series: {
    holds: "a series of a metric",
    keeping: "file",
    fields: {
      id: OWN_NUMBER,
      identity:
        "names of metric and scope, unit, description, the attributes that the application gave, and its resource " +
        "without command lines",
    },
  },
  point: {
    holds: "a measured value of a metric",
    keeping: "series",
    fields: {
      time_nano: "when it was measured",
      series_id: "number of its series",
      start_nano: "since when it counts",
      value: "the number",
      distribution: "counts of a histogram",
    },
  },
  series_chunk: {
    holds: "values of one day, compressed",
    keeping: "series",
    fields: {
      id: OWN_NUMBER,
      day: "which day",
      min_nano: "earliest time",
      max_nano: "latest time",
      points: "how many values",
      codec: "how they are written",
      crc: "checksum",
      data: "numbers of series, times and values",
    },
  },
  series_summary: {
    holds: "values summed up by hour or day",
    keeping: "series",
    fields: {
      id: OWN_NUMBER,
      resolution: "hours or days",
      day: "which day",
      first_series: "number of the first series",
      last_series: "number of the last series",
      codec: "how they are written",
      crc: "checksum",
      data: "numbers of series and sums",
    },
  },
  series_state: {
    holds: "how far values are compressed and let go",
    keeping: "file",
    fields: {
      id: OWN_NUMBER,
      generation: "how often",
      detailed_from_day: "from which day single values are kept",
      packed_to_nano: "up to when they are compressed",
    },
  },
};

const BESIDE: Readonly<Record<string, DescribedTable>> = {
  string: {
    holds:
      "a name, once: products, models, agents, tools, error types, folders of projects, git branches, versions, labels",
    keeping: "file",
    fields: { id: OWN_NUMBER, text: "the name" },
  },
  span_link: {
    holds: "of the newest spans of applications, which of them lie inside of which",
    keeping: "file",
    fields: {
      id: OWN_NUMBER,
      span_key: "hash of the ids of a span",
      state: "hash of the span around it, and the ids of the model call that it told of",
    },
  },
  transcript: {
    holds: "how far a transcript of an agent was read",
    keeping: "file",
    fields: {
      path: "path of the transcript",
      product: "whose it is",
      inode: "number of the file",
      size_bytes: "its size",
      modified_at: "when it was changed",
      offset_bytes: "how far it was read",
      state:
        "what goes on where reading stopped: ids of turn and sessions, their folders, ids, names and times of tools " +
        "without a result, and where in the transcript they stand",
    },
  },
  skipped: {
    holds: "how much was read in a transcript and not stored",
    keeping: "file",
    fields: {
      path: "path of the transcript",
      product: "whose it is",
      reason: "why, in words of ours and with types of records",
      count: "how often",
    },
  },
  meta: {
    holds: "a note of the file about itself",
    keeping: "file",
    fields: { key: "its name", value: "a key for hashes, a version, a day or a number" },
  },
};

/** Of SQLite itself. */
const SQLITE: Readonly<Record<string, DescribedTable>> = {
  sqlite_sequence: {
    holds: "SQLite: the last number of a row",
    keeping: "file",
    fields: { name: "a table", seq: "the number" },
  },
  sqlite_stat1: {
    holds: "SQLite: how many rows there are",
    keeping: "file",
    fields: { tbl: "a table", idx: "an index", stat: "numbers of rows" },
  },
  sqlite_stat4: {
    holds: "SQLite: samples of an index, taken from the columns above",
    keeping: "file",
    fields: {
      tbl: "a table",
      idx: "an index",
      neq: "numbers of rows",
      nlt: "numbers of rows",
      ndlt: "numbers of rows",
      sample: "the values of one row in the index: a name, an id, a number or a time",
    },
  },
};

/** Every table by its name. */
export const DESCRIBED_TABLES: Readonly<Record<string, DescribedTable>> = {
  ...LEDGER,
  ...ROLLUPS,
  ...LIVE,
  ...SERIES,
  ...BESIDE,
  ...SQLITE,
};
