/** What Codex tells of its calls. Its spans repeat the log without ids, and its token metric knows no session. */
import type { ProductTelling } from "@moai-metrics/model";
import { PRODUCT } from "./product.ts";

export const CODEX_TELLING: ProductTelling = Object.freeze({
  product: PRODUCT,
  tellers: ["transcript", "log"],
} satisfies ProductTelling);
