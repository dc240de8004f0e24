/** Two hundred secrets of forty kinds, the same at every run. None of them is real, none of them is in the sources. */

/** Something that must be found nowhere. */
export interface Secret {
  readonly kind: string;
  readonly text: string;
}

const EACH = 5;
const LOWER = "abcdefghijklmnopqrstuvwxyz";
const DIGITS = "0123456789";
const HEX = "0123456789abcdef";
const ALPHANUMERIC = LOWER + LOWER.toUpperCase() + DIGITS;
const BASE64 = `${ALPHANUMERIC}+/`;

type Draw = (length: number, alphabet?: string) => string;

/** How a secret of each kind looks. */
const KINDS: Readonly<Record<string, (draw: Draw) => string>> = {
  "Anthropic key": (draw) => `sk-ant-api03-${draw(40)}`,
  "OpenAI key": (draw) => `sk-proj-${draw(48)}`,
  "Google API key": (draw) => `AIza${draw(35)}`,
  "AWS access key": (draw) => `AKIA${draw(16, LOWER.toUpperCase() + DIGITS)}`,
  "AWS secret key": (draw) => draw(40, BASE64),
  "Azure storage key": (draw) => `AccountKey=${draw(86, BASE64)}==`,
  "GitHub token": (draw) => `ghp_${draw(36)}`,
  "GitHub fine-grained token": (draw) => `github_pat_${draw(22)}_${draw(59)}`,
  "GitLab token": (draw) => `glpat-${draw(20)}`,
  "Slack bot token": (draw) => `xoxb-${draw(12, DIGITS)}-${draw(24)}`,
  "Slack webhook": (draw) => `https://hooks.slack.com/services/T${draw(8)}/B${draw(8)}/${draw(24)}`,
  "Discord token": (draw) => `${draw(24)}.${draw(6)}.${draw(27)}`,
  "Telegram token": (draw) => `${draw(10, DIGITS)}:${draw(35)}`,
  "Stripe key": (draw) => `sk_live_${draw(24)}`,
  "Twilio key": (draw) => `SK${draw(32, HEX)}`,
  "SendGrid key": (draw) => `SG.${draw(22)}.${draw(43)}`,
  "npm token": (draw) => `npm_${draw(36)}`,
  "PyPI token": (draw) => `pypi-${draw(60)}`,
  "Hugging Face token": (draw) => `hf_${draw(34)}`,
  "DigitalOcean token": (draw) => `dop_v1_${draw(64, HEX)}`,
  "Datadog key": (draw) => `DD_API_KEY=${draw(32, HEX)}`,
  "JSON web token": (draw) => `eyJ${draw(30)}.eyJ${draw(60)}.${draw(43)}`,
  "bearer header": (draw) => `Authorization: Bearer ${draw(40)}`,
  "basic header": (draw) => `Authorization: Basic ${draw(32, BASE64)}`,
  "session cookie": (draw) => `Cookie: session=${draw(44)}`,
  "RSA private key": (draw) => `-----BEGIN RSA PRIVATE KEY-----\n${draw(64, BASE64)}\n-----END RSA PRIVATE KEY-----`,
  "SSH private key": (draw) => `-----BEGIN OPENSSH PRIVATE KEY-----\n${draw(70, BASE64)}`,
  "password in a URL": (draw) => `postgres://admin:${draw(20)}@db.internal:5432/shop`,
  "password in the environment": (draw) => `PGPASSWORD=${draw(24)}`,
  "one-time code": (draw) => `otpauth://totp/shop?secret=${draw(32, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")}`,
  "e-mail address": (draw) => `${draw(14, LOWER)}@${draw(8, LOWER)}.example`,
  "telephone number": (draw) => `+49 30 ${draw(6, DIGITS)} ${draw(8, DIGITS)}`,
  "card number": (draw) => `4${draw(3, DIGITS)} ${draw(4, DIGITS)} ${draw(4, DIGITS)} ${draw(4, DIGITS)}`,
  "bank account": (draw) => `DE${draw(20, DIGITS)}`,
  prompt: (draw) => `please rewrite the ${draw(16, LOWER)} so that nobody notices`,
  reply: (draw) => `I have changed the ${draw(16, LOWER)} as you asked`,
  command: (draw) => `curl -s https://internal.example/${draw(18, LOWER)} | sh`,
  "line of a file": (draw) => `const ${draw(18, LOWER)} = "${draw(12)}";`,
  "path of a file": (draw) => `/home/dev/shop/${draw(18, LOWER)}.ts`,
  "error message": (draw) => `connection to ${draw(18, LOWER)} refused: "wrong key"`,
};

/** All of them, five of each kind. */
export const SECRETS: readonly Secret[] = makeSecrets();

function makeSecrets(): Secret[] {
  let state = 20_261_128;
  const random = (): number => {
    // Mulberry32: small, and the same everywhere.
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const draw: Draw = (length, alphabet = ALPHANUMERIC) =>
    Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)]).join("");
  return Object.entries(KINDS).flatMap(([kind, make]) =>
    Array.from({ length: EACH }, () => ({ kind, text: make(draw) })),
  );
}

/** The secrets that a haystack holds: as they are, as in JSON or a URL, in hexadecimal or Base64, or in UTF-16. */
export function findSecrets(haystack: Buffer): Secret[] {
  const found = new Set<Secret>();
  // One pass over the bytes: only where four of them begin some spelling, spellings are compared.
  let head = 0;
  for (let at = 0; at < haystack.length; at++) {
    head = (head << 8) | (haystack[at] ?? 0);
    if (at < HEAD_BYTES - 1 || beginnings[slotOf(head)] === 0) continue;
    const start = at - HEAD_BYTES + 1;
    for (const { secret, bytes } of byHead.get(head) ?? []) {
      const end = start + bytes.length;
      if (end <= haystack.length && haystack.compare(bytes, 0, bytes.length, start, end) === 0) {
        found.add(secret);
      }
    }
  }
  return SECRETS.filter((secret) => found.has(secret));
}

const HEAD_BYTES = 4;
const MIN_CORE = 12;

/** Whether some spelling begins with four bytes that share this slot. */
const beginnings = new Uint8Array(1 << 16);
const byHead = new Map<number, { readonly secret: Secret; readonly bytes: Buffer }[]>();
for (const secret of SECRETS) {
  for (const bytes of spellingsOf(secret)) {
    const head = bytes.readInt32BE(0);
    beginnings[slotOf(head)] = 1;
    byHead.set(head, [...(byHead.get(head) ?? []), { secret, bytes }]);
  }
}

function slotOf(head: number): number {
  return (Math.imul(head, 0x9e3779b1) >>> 16) & 0xffff;
}

function spellingsOf({ text }: Secret): readonly Buffer[] {
  // The longest run of letters and digits gives a secret away, even when the rest was changed or cut off.
  const core = (text.match(/[A-Za-z0-9]+/g) ?? []).reduce((a, b) => (b.length > a.length ? b : a), "");
  const whole = Buffer.from(text);
  return [
    whole,
    ...(core.length >= MIN_CORE ? [core, core.toLowerCase()].map((each) => Buffer.from(each)) : []),
    ...(core.length >= MIN_CORE ? [Buffer.from(core, "utf16le")] : []),
    Buffer.from(JSON.stringify(text).slice(1, -1)),
    Buffer.from(encodeURIComponent(text)),
    Buffer.from(whole.toString("hex")),
    Buffer.from(whole.toString("base64").replace(/=+$/, "")),
  ];
}
