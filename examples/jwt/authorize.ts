/**
 * Lets in who shows a token, and binds it to the uid in it, before any event of it
 * reaches a worker:
 *
 *     export JWT_KEY="a key of at least 32 characters, please"
 *     deno run -A cli.ts start examples/jwt/handler.ts --authorize examples/jwt/authorize.ts
 *     deno run -A examples/jwt/make_token.ts alice
 *     deno eval 'new WebSocket(`ws://127.0.0.1:8282/?token=TOKEN`).onmessage = (e) => console.log(e.data)'
 *
 * @module
 */
import {
  accept,
  type Authorization,
  type AuthorizationRequest,
  refuse,
} from "@gatewayworker/core/gateway";
import { errors, type JWTPayload, jwtVerify } from "jose";
import { ISSUER, KEY } from "./key.ts";

/** Browsers cannot set headers on a WebSocket: they put the token in the query. */
function tokenOf({ headers, query }: AuthorizationRequest): string | null {
  const [, bearer] = /^Bearer (.+)$/.exec(headers.get("authorization") ?? "") ??
    [];
  return bearer ?? query.get("token");
}

/** Decides whether a client may come in. */
export default async function authorize(
  request: AuthorizationRequest,
): Promise<Authorization> {
  const token = tokenOf(request);
  if (token === null) {
    return refuse(401, "Show a token", { "WWW-Authenticate": "Bearer" });
  }
  try {
    const options = { issuer: ISSUER, algorithms: ["HS256"] };
    const { payload } = await jwtVerify(token, KEY, options);
    return admit(payload);
  } catch (error) {
    if (error instanceof errors.JOSEError) return refuse(403, error.code);
    throw error;
  }
}

function admit({ sub, rooms, name }: JWTPayload): Authorization {
  if (sub === undefined) return refuse(403, "The token names nobody");
  const groups = Array.isArray(rooms) ? rooms.map(String) : [];
  return accept({ uid: sub, groups, session: { name: String(name ?? sub) } });
}
