import { createHash, timingSafeEqual } from "node:crypto";
import { isLoopback } from "../base/address.ts";
import { errorResponse, type OpenTo } from "./router.ts";
import { whyNotToken } from "./token.ts";

/** Who may ask: whoever knows the token; without one, this machine some things only. */
export class Access {
  readonly #token: string;

  /**
   * Decides who may ask.
   *
   * @param token The token; empty for none.
   * @param hostname Where is listened.
   * @throws {TypeError} If anybody on a network could ask without a token, or no
   * request can carry it.
   */
  constructor(token: string, hostname: string) {
    this.#token = token;
    const reason = token === "" ? undefined : whyNotToken(token);
    if (reason !== undefined) {
      throw new TypeError(
        `Cannot take this token as it must be visible ASCII characters: ${reason}`,
      );
    }
    if (token !== "" || isLoopback(hostname)) return;
    throw new TypeError(
      `Cannot listen for administrators on ${hostname} without a token: set one, or listen on 127.0.0.1`,
    );
  }

  /**
   * Returns the refusal of a request, if it is to be refused.
   *
   * @param request What is asked.
   * @param url Its address.
   * @param openTo Who may ask it without the token; nobody if left out.
   */
  refuse(request: Request, url: URL, openTo?: OpenTo): Response | undefined {
    if (openTo === "anybody") return undefined;
    if (this.#token === "") {
      return refuseForeignHost(url) ??
        (openTo === "machine" ? undefined : refuseTokenless(url));
    }
    const [, token] = /^bearer +(\S+)$/i.exec(
      request.headers.get("authorization") ?? "",
    ) ?? [];
    if (token !== undefined && isSame(token, this.#token)) return undefined;
    return errorResponse(
      401,
      "Cannot answer without the token: send it as Authorization: Bearer …",
      { headers: { "www-authenticate": "Bearer" } },
    );
  }
}

/**
 * A page in a browser on this machine can make a name of its own lead here, and then
 * read what is answered: only requests to this machine's own names are answered.
 */
function refuseForeignHost({ hostname }: URL): Response | undefined {
  if (isLoopback(hostname.replace(/^\[|\]$/g, ""))) return undefined;
  return errorResponse(
    403,
    `Cannot answer as without a token the host must be this machine: found ${hostname}`,
  );
}

/** Every user and every program of a machine can ask on its loopback address. */
function refuseTokenless({ pathname }: URL): Response {
  return errorResponse(
    403,
    `Cannot answer ${pathname} as there is no token, and anybody on this machine could ask: start with one in GATEWAYWORKER_API_TOKEN (or --api-token, or the option "token"), and send it as Authorization: Bearer …`,
  );
}

/** Takes the same time whatever is compared. */
function isSame(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other));
}

function digest(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
