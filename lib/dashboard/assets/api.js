/** Asks the server, with the token if there is one. @module */

const KEY = "gatewayworker-token";

/** The server wants another token. */
export class RefusedError extends TypeError {
  name = "RefusedError";
}

/** Returns the token of this tab; empty for none. */
export function token() {
  return sessionStorage.getItem(KEY) ?? "";
}

/** Remembers a token for as long as this tab is open. */
export function setToken(text) {
  if (text === "") sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, text);
}

/** Asks; fails with what the server says. */
export async function ask(path, { body, signal } = {}) {
  const headers = new Headers();
  if (token() !== "") headers.set("authorization", `Bearer ${token()}`);
  if (body !== undefined) headers.set("content-type", "application/json");
  const response = await fetch(path, {
    method: body === undefined ? "GET" : "POST",
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    headers,
    signal,
    cache: "no-store",
  });
  if (response.ok) return response;
  const { error } = await response.json();
  throw response.status === 401
    ? new RefusedError(error)
    : new TypeError(error);
}
