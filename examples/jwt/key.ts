/** Who makes the tokens. */
export const ISSUER = "https://login.example.com";

/** What they are signed with. */
export const KEY: Uint8Array = new TextEncoder().encode(
  Deno.env.get("JWT_KEY") ?? "a key for the example, and for it alone",
);
