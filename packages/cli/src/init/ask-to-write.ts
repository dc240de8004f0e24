/** Nothing is written that was not agreed to. */
import type { CliContext } from "../context.ts";
import { UsageError } from "../errors.ts";

/**
 * Asks, unless `--yes` has answered.
 *
 * @throws UsageError when nobody is there to answer.
 */
export async function askToWrite(
  context: Pick<CliContext, "confirm" | "write">,
  { yes }: { readonly yes?: boolean },
  question: string,
): Promise<boolean> {
  if (yes) return true;
  const answer = await context.confirm(question);
  if (answer === undefined) {
    throw new UsageError("nothing was written, because nobody is there to ask. Look at the above, then add --yes.");
  }
  if (!answer) context.write("Nothing was written.\n");
  return answer;
}
