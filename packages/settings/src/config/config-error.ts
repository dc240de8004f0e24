/** A configuration that cannot be used. */

/** Something that is wrong in a file. */
export interface ConfigProblem {
  /** `metrics.tokens.warn_threshold`; "" for the whole file. */
  readonly key: string;
  /** What is wrong, the value, and what would be right. */
  readonly message: string;
}

/** Thrown for a file that cannot be used; says every problem of it in one line each. */
export class ConfigError extends Error {
  readonly path: string;
  readonly problems: readonly ConfigProblem[];

  constructor(path: string, problems: readonly ConfigProblem[]) {
    super(problems.map(({ key, message }) => `${path}: ${key === "" ? "" : `${key} `}${message}`).join("\n"));
    this.name = "ConfigError";
    this.path = path;
    this.problems = problems;
  }
}
