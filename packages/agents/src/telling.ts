/** What each known product tells of its calls. */
import type { ProductTelling } from "@moai-metrics/model";
import { CLAUDE_CODE_TELLING } from "./claude-code/telling.ts";
import { CODEX_TELLING } from "./codex/telling.ts";
import { GEMINI_CLI_TELLING } from "./gemini-cli/telling.ts";

/** One for each product that is known by name; of others nothing is expected. */
export const PRODUCT_TELLINGS: readonly ProductTelling[] = Object.freeze([
  CLAUDE_CODE_TELLING,
  CODEX_TELLING,
  GEMINI_CLI_TELLING,
]);
