/** Says which measures of quality the settings keep out. */
import { qualityKey, shownMeasures } from "@moai-metrics/settings";
import type { AnswerInput } from "../commands/answer.ts";
import type { CliContext } from "../context.ts";

/** Off is the default, and who looks for quality may wonder where it is. */
export function tellWhatIsOff(context: Pick<CliContext, "warn">, { config }: Pick<AnswerInput, "config">): void {
  const shown = shownMeasures(config);
  const off = (["test_coverage", "lint_score"] as const).filter((measure) => !shown.includes(measure));
  if (off.length === 0) return;
  const commands = off.map((measure) => `  moai-metrics config set ${qualityKey(measure)} true`);
  context.warn([`Switched off here: ${off.join(" and ")}. To store and show it:`, ...commands].join("\n"));
}
