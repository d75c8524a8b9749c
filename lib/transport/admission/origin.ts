/** Says whether a page of this origin is among those that an option allows. */
export function isOrigin(origin: string, allowed: string): boolean {
  const [scheme = "", domain] = allowed.toLowerCase().split("//*.");
  const given = origin.toLowerCase();
  if (domain === undefined) return given === scheme;
  const host = given.slice(`${scheme}//`.length);
  return given.startsWith(`${scheme}//`) && host.endsWith(`.${domain}`) &&
    !host.includes("/");
}

/**
 * Says why no page is of an origin that somebody allows, and what would be right.
 *
 * @param allowed Such as `https://example.com` or `https://*.example.com`.
 * @returns What there is to say; `undefined` if there are such pages.
 */
export function whyNotOrigin(allowed: string): string | undefined {
  const right = asBrowsersWrite(allowed);
  if (right === allowed.toLowerCase()) return undefined;
  const hint = /^([a-z]+:\/\/)?\*$/i.test(allowed)
    ? "leave it out to let in all pages"
    : `write "${right ?? "https://example.com"}"${
      right === undefined ? " or the like" : ""
    }`;
  return `no page is of origin "${allowed}": ${hint}`;
}

/** Refuses what would let in no page at all. */
export function checkOrigins(origins: readonly string[]): void {
  for (const origin of origins) {
    const reason = whyNotOrigin(origin);
    if (reason === undefined) continue;
    throw new TypeError(`Cannot use origins as ${reason}`);
  }
}

/** What pages have that have no address of their own. */
const OPAQUE = ["null", "file://"];

/** Pages are of these schemes; a person may think of the socket's. */
const SCHEMES: Record<string, string> = { "ws:": "http:", "wss:": "https:" };

/** Scheme, host and unusual port, as browsers send them; `undefined` if that is none. */
function asBrowsersWrite(text: string): string | undefined {
  if (OPAQUE.includes(text.toLowerCase())) return text.toLowerCase();
  const [, given = "https:", star = "", rest = ""] =
    /^(?:([a-z][a-z\d+.-]*:)\/\/)?(\*\.)?(.*)$/is.exec(text) ?? [];
  const scheme = SCHEMES[given.toLowerCase()] ?? given.toLowerCase();
  // Only of these the usual port is left out; apps bring schemes of their own.
  const parsedAs = scheme === "https:" ? scheme : "http:";
  if (rest.includes("*") || !URL.canParse(`${parsedAs}//${rest}`)) {
    return undefined;
  }
  return `${scheme}//${star}${new URL(`${parsedAs}//${rest}`).host}`;
}
