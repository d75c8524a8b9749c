// deno-lint-ignore-file no-console -- a program: the token goes to standard output
/**
 * Prints a token, as a login page would hand it out:
 *
 *     deno run -A examples/jwt/make_token.ts alice lobby
 *
 * @module
 */
import { SignJWT } from "jose";
import { ISSUER, KEY } from "./key.ts";

/**
 * Makes a token that is good for an hour.
 *
 * @param uid Who it is for.
 * @param rooms The groups that its bearer begins in.
 */
export async function makeToken(
  uid: string,
  rooms: readonly string[] = [],
): Promise<string> {
  return await new SignJWT({ rooms: [...rooms] })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(uid)
    .setIssuer(ISSUER)
    .setIssuedAt()
    .setExpirationTime("1h")
    .sign(KEY);
}

if (import.meta.main) {
  const [uid = "alice", ...rooms] = Deno.args;
  console.log(await makeToken(uid, rooms));
}
