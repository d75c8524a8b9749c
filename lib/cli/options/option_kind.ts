import { isIP } from "node:net";
import { whyNotToken } from "../../admin/token.ts";
import { parseAddress, whyNotDialable } from "../../base/address.ts";
import { LOG_LEVELS, parseLogLevel } from "../../process/logging.ts";
import { isToken } from "../../transport/list_reader.ts";
import { whyNotOrigin } from "../../transport/admission/origin.ts";

/** A kind of value: how it is written, and what it must be. */
export interface Kind<T> {
  /** Stands for the value in `--help`; empty for a flag without one. */
  readonly placeholder: string;
  /** Completes "it must be …". */
  readonly rule: string;
  /** Whether it may be given several times, or separated by commas. */
  readonly many: boolean;
  /** What a configuration file may hold, as a JSON Schema. */
  readonly schema: Readonly<Record<string, unknown>>;
  /** Whether one text is of this kind. */
  accepts(text: string): boolean;
  /** Says what is wrong with one that is not, where to show it does not say it all. */
  why?(text: string): string | undefined;
  /** Turns accepted texts into the value. */
  read(texts: readonly string[]): T;
}

interface ScalarKind<T> {
  readonly placeholder: string;
  readonly rule: string;
  readonly schema: Readonly<Record<string, unknown>>;
  accepts(text: string): boolean;
  why?(text: string): string | undefined;
  read(text: string): T;
}

/** The schema of one text, or a list of such texts. */
export function listOf(pattern: string): Readonly<Record<string, unknown>> {
  const item = { type: "string", pattern };
  return { oneOf: [item, { type: "array", items: item, minItems: 1 }] };
}

function scalar<T>({ read, ...kind }: ScalarKind<T>): Kind<T> {
  return { ...kind, many: false, read: (texts) => read(texts.at(-1) ?? "") };
}

/** Any text. */
export function text(placeholder: string): Kind<string> {
  return scalar({
    placeholder,
    rule: "text",
    schema: { type: "string" },
    accepts: () => true,
    read: String,
  });
}

/** The name of a header. */
export const HEADER: Kind<string> = scalar({
  placeholder: "NAME",
  rule: "the name of a header",
  schema: { type: "string", pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$" },
  accepts: isToken,
  read: String,
});

/** Several texts. */
export const TEXTS: Kind<readonly string[]> = {
  placeholder: "TEXT,…",
  rule: "text, several separated by commas",
  many: true,
  schema: listOf(""),
  accepts: (text) => text !== "",
  read: (texts) => texts,
};

/** One of a few words. */
export function choice<T extends string>(
  placeholder: string,
  words: readonly T[],
): Kind<T> {
  const find = (text: string) => words.find((word) => word === text);
  return scalar<T>({
    placeholder,
    rule: `one of ${words.join(", ")}`,
    schema: { enum: words },
    accepts: (text) => find(text) !== undefined,
    // Accepted before, so it is one of them, and there is a first one.
    read: (text) => find(text) ?? words[0] as T,
  });
}

/** A whole number from `min` to `max`. */
export function wholeNumber(min: number, max = 1_000_000_000): Kind<number> {
  return scalar({
    placeholder: "N",
    rule: `a whole number from ${min} to ${max}`,
    schema: { type: "integer", minimum: min, maximum: max },
    accepts: (text) =>
      /^\d{1,10}$/.test(text) && Number(text) >= min && Number(text) <= max,
    read: Number,
  });
}

/** So many a second: `500/s`, or the number alone. */
export function perSecond(min: number, max: number): Kind<number> {
  return scalar({
    placeholder: "N/s",
    rule: `a whole number a second from ${min} to ${max}, such as 500/s or 500`,
    schema: {
      oneOf: [
        { type: "integer", minimum: min, maximum: max },
        { type: "string", pattern: "^[0-9]{1,10}(/s)?$" },
      ],
    },
    accepts: (text) =>
      /^\d{1,10}(\/s)?$/.test(text) && parseInt(text) >= min &&
      parseInt(text) <= max,
    read: (text) => parseInt(text),
  });
}

/** A part of something, as it is written in percent: 0.2 for `20%`. */
export const PERCENT: Kind<number> = scalar({
  placeholder: "PERCENT",
  rule: "more than 0% and up to 100%, such as 20%",
  schema: { pattern: "^[0-9.]+%$" },
  accepts: (text) =>
    /^\d{1,3}(\.\d{1,3})?%$/.test(text) && parseFloat(text) > 0 &&
    parseFloat(text) <= 100,
  read: (text) => parseFloat(text) / 100,
});

/** A part of all, with decimals. */
export const PART: Kind<number> = scalar({
  placeholder: "PART",
  rule: "a number from 0 to 1, such as 0.01",
  schema: { type: "number", minimum: 0, maximum: 1 },
  accepts: (text) => /^(0|1|0?\.\d{1,9}|1\.0{1,9})$/.test(text),
  read: Number,
});

/** Seconds, with decimals if need be. At most a day, more than which is a slip. */
export const SECONDS: Kind<number> = time("seconds", 0, 86_400);

/** A time from `min` to `max`, with decimals if need be. */
export function time(
  unit: "seconds" | "milliseconds",
  min: number,
  max: number,
): Kind<number> {
  return scalar({
    placeholder: unit === "seconds" ? "SECONDS" : "MS",
    rule: `a number of ${unit} from ${min} to ${max}`,
    schema: { type: "number", minimum: min, maximum: max },
    accepts: (text) =>
      /^\d+(\.\d+)?$/.test(text) && Number(text) >= min &&
      Number(text) <= max,
    read: Number,
  });
}

const UNITS: Record<string, number> = { "": 1, k: 1024, m: 1024 ** 2 };

function readBytes(text: string): number {
  const [, digits = "", unit = ""] = /^(\d+)([km]?)$/i.exec(text) ?? [];
  return digits === ""
    ? NaN
    : Number(digits) * (UNITS[unit.toLowerCase()] ?? 1);
}

/** A size in bytes, at most `max` MiB; `64k` and `1m` are powers of 1024. */
export function bytes(max: number, min = 1): Kind<number> {
  return scalar({
    placeholder: "BYTES",
    rule: `a number of bytes from ${min} to ${max}m, such as 65536, 64k or 1m`,
    schema: {
      oneOf: [
        { type: "integer", minimum: min, maximum: max * 1024 ** 2 },
        { type: "string", pattern: "^[0-9]+[kKmM]?$" },
      ],
    },
    accepts: (text) =>
      readBytes(text) >= min && readBytes(text) <= max * 1024 ** 2,
    read: readBytes,
  });
}

function isAddress(text: string): boolean {
  try {
    parseAddress(text);
    return true;
  } catch {
    // Its message names the form; ours says it for every kind alike.
    return false;
  }
}

/** Where to listen or dial. */
export const ADDRESS: Kind<string> = scalar({
  placeholder: "HOST:PORT",
  rule: '"host:port" or "[ipv6]:port"',
  schema: { type: "string", pattern: ":[0-9]{1,5}$" },
  accepts: isAddress,
  read: String,
});

/** Several addresses. */
export const ADDRESSES: Kind<readonly string[]> = {
  placeholder: "HOST:PORT,…",
  rule: '"host:port" or "[ipv6]:port", several separated by commas',
  many: true,
  schema: listOf(":[0-9]{1,5}$"),
  accepts: isAddress,
  read: (texts) => texts,
};

const LISTEN_URL = /^(?:ws|wss|(?:tls\+)?(?:text|frame|tcp)):\/\/([^/]+)$/;

/** What clients speak, and where. */
export const LISTEN_URLS: Kind<readonly string[]> = {
  placeholder: "URL",
  rule:
    '"scheme://host:port" with a scheme of ws, wss, text, frame, tcp, tls+text, tls+frame, tls+tcp',
  many: true,
  schema: listOf("^[a-z+]+://.+:[0-9]{1,5}$"),
  accepts: (text) => isAddress(LISTEN_URL.exec(text)?.[1] ?? ""),
  read: (texts) => texts,
};

function isHost(text: string): boolean {
  const looksLikeName = /^[\w.-]+$/.test(text) && !/^[\d.]+$/.test(text);
  return looksLikeName || isIP(text) !== 0;
}

/** A host to listen on. */
export const HOST: Kind<string> = scalar({
  placeholder: "HOST",
  rule: "an IP address or host name without a port",
  schema: { type: "string" },
  accepts: isHost,
  read: String,
});

/** Networks of machines. */
export const NETWORKS: Kind<readonly string[]> = {
  placeholder: "NETWORK",
  rule: 'a network such as "10.0.0.0/8" or "fd00::/8"',
  many: true,
  schema: listOf("^[0-9a-fA-F.:]+/[0-9]{1,3}$"),
  accepts: isNetwork,
  read: (texts) => texts,
};

function isNetwork(text: string): boolean {
  const [address = "", bits = "0", ...rest] = text.split("/");
  const width = isIP(address) === 6 ? 128 : 32;
  return isIP(address) !== 0 && rest.length === 0 &&
    /^\d{1,3}$/.test(bits) && Number(bits) <= width;
}

/** Secret keys: one, or several while they are being changed. */
export const SECRET_KEYS: Kind<string> = {
  placeholder: "KEY",
  rule: "a key, or several separated by commas",
  many: true,
  schema: listOf("."),
  accepts: (text) => text !== "",
  why: () => "an empty one was given",
  read: (texts) => texts.join(","),
};

/** What requests to the HTTP API must carry. */
export const TOKEN: Kind<string> = scalar({
  placeholder: "TOKEN",
  rule: "visible ASCII characters without white space",
  schema: { type: "string", pattern: "^[!-~]+$" },
  accepts: (text) => whyNotToken(text) === undefined,
  why: whyNotToken,
  read: String,
});

/** Pages that browsers connect from. */
export const ORIGINS: Kind<readonly string[]> = {
  placeholder: "ORIGIN,…",
  rule:
    'what browsers send, such as "https://example.com" or "https://*.example.com"',
  many: true,
  schema: listOf("^(null|[^/]+://[^/]*)$"),
  accepts: (text) => whyNotOrigin(text) === undefined,
  why: whyNotOrigin,
  read: (texts) => texts,
};

const PERMISSION =
  /^(-[ARWNESI]|--(allow|deny|ignore)-(all|read|write|net|env|sys|run|ffi|import)|-P|--permission-set|--no-prompt|--unstable(-[a-z-]+)?)(=.*)?$/;

/** Permissions, and what else the code needs of the runtime. */
export const PERMISSIONS: Kind<string> = scalar({
  placeholder: "FLAGS",
  rule:
    'permissions of Deno such as "--allow-net --allow-read=data", or --unstable-…',
  schema: { type: "string" },
  accepts: (text) => notPermissions(text).length === 0,
  why: (text) => `"${notPermissions(text).join(" ")}" is none`,
  read: String,
});

function notPermissions(text: string): string[] {
  return words(text).filter((word) => !PERMISSION.test(word));
}

/** Flags of V8. */
export const V8_FLAGS: Kind<string> = scalar({
  placeholder: "FLAGS",
  rule: "flags that begin with --, separated by spaces",
  schema: { type: "string" },
  accepts: (text) => words(text).every((word) => word.startsWith("--")),
  read: String,
});

/** Splits a text at its spaces. */
export function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

/** A host that others can dial. */
export const DIALABLE_HOST: Kind<string> = scalar({
  placeholder: "IP",
  rule:
    "an IP address or host name that workers can dial, such as 10.0.0.5 and not 0.0.0.0",
  schema: { type: "string" },
  accepts: (text) => whyNotDialable(text) === undefined,
  read: String,
});

function isLogLevel(text: string): boolean {
  try {
    parseLogLevel(text);
    return true;
  } catch {
    // Its message names one mistake; ours says the rule.
    return false;
  }
}

/** A level for everything, and others for categories. */
export const LOG_LEVEL_LIST: Kind<readonly string[]> = {
  placeholder: "LEVEL,…",
  rule: `one of ${
    LOG_LEVELS.join(", ")
  }, or such a level for one category as in gateway=debug`,
  many: true,
  schema: listOf(`^([A-Za-z0-9_.]+=)?(${LOG_LEVELS.join("|")})$`),
  accepts: isLogLevel,
  read: (texts) => texts,
};

/** Present or not. */
export const FLAG: Kind<boolean> = scalar({
  placeholder: "",
  rule: "true or false",
  schema: { type: "boolean" },
  accepts: (text) => text === "true" || text === "false",
  read: (text) => text === "true",
});
