/** What tokens are signed with. */
const KEY = Deno.env.get("NOTIFY_KEY") ?? "a key for the example only";

/** How long a token is good, in milliseconds. */
const LIFETIME = 60 * 60 * 1_000;

const text = new TextEncoder();
const key = await crypto.subtle.importKey(
  "raw",
  text.encode(KEY),
  { name: "HMAC", hash: "SHA-256" },
  false,
  ["sign", "verify"],
);

/** Makes a token that says, for a while, who somebody is. */
export async function makeToken(name: string): Promise<string> {
  const claim = encode(text.encode(JSON.stringify({ name, made: Date.now() })));
  const signature = await crypto.subtle.sign("HMAC", key, text.encode(claim));
  return `${claim}.${encode(new Uint8Array(signature))}`;
}

/** Returns the name in a token, or `undefined` if it is forged or too old. */
export async function readToken(token: string): Promise<string | undefined> {
  const [claim = "", signature = ""] = token.split(".");
  const bytes = decode(signature);
  if (bytes === undefined) return undefined;
  const isOurs = await crypto.subtle.verify(
    "HMAC",
    key,
    bytes,
    text.encode(claim),
  );
  if (!isOurs) return undefined;
  const { name, made } = JSON.parse(new TextDecoder().decode(decode(claim)));
  return Date.now() - made < LIFETIME ? name : undefined;
}

/** Base64 that may stand in a URL. */
function encode(bytes: Uint8Array): string {
  const base64 = btoa(String.fromCharCode(...bytes));
  return base64.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function decode(base64: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    const binary = atob(base64.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(binary, (char) => char.charCodeAt(0));
  } catch {
    // Not base64: no token of ours.
    return undefined;
  }
}
