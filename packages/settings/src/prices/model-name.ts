/** Model names as price lists know them. */

const PROVIDER_PREFIX = /^(?:[a-z0-9_.-]+\/)+/;
const BEDROCK_PREFIX = /^(?:[a-z]{2,6}\.)?(?:anthropic|openai|amazon|meta|mistral|cohere|deepseek)\./;

/**
 * Strips what does not change the price: provider and region prefixes (`anthropic/…`, `us.anthropic.…`), a context
 * mark (`[1m]`), a release date (`-20250929`, `@20250929`) and a Bedrock revision (`-v1:0`). Gateways spell versions
 * of Claude with a point (`claude-sonnet-5.5`), Anthropic with a dash.
 */
export function cleanModelName(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replace(PROVIDER_PREFIX, "")
    .replace(BEDROCK_PREFIX, "")
    .replace(/\[[^\]]*\]$/, "")
    .replace(/-v\d+:\d+$/, "")
    .replace(/[@-]20\d{6}$/, "")
    .replace(/-20\d{2}-\d{2}-\d{2}$/, "")
    .replace(/^(claude-.*\d)\.(?=\d)/, "$1-");
}

const MAX_REMEMBERED = 1_000;
const remembered = new Map<string, string>();

/** The same, remembered: cleaning takes longer than finding a price, and few names come again and again. */
export function knownCleanName(name: string): string {
  const known = remembered.get(name);
  if (known !== undefined) return known;
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  const clean = cleanModelName(name);
  remembered.set(name, clean);
  return clean;
}

/**
 * Whether a list matched a newer model to an older one by its beginning, such as `claude-opus-5-6` to
 * `claude-opus-5`. Such a price is a guess, so it is not used.
 */
export function isOlderVersion(cleanName: string, matchedId: string): boolean {
  return cleanName.startsWith(matchedId) && /^[._-]\d/.test(cleanName.slice(matchedId.length));
}
