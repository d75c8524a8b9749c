import type { PhpArray, PhpValue } from "../../php/php_value.ts";
import { isIntKey } from "../../php/php_value.ts";
import { textOf } from "../../php/text.ts";

/** Most variables that PHP takes of one query. */
const MAX_VARIABLES = 1_000;

/** Most brackets behind one name. */
const MAX_BRACKETS = 64;

const PERCENT = 37;
const PLUS = 43;
const SPACE = 32;

const encoder = new TextEncoder();

/**
 * Reads a query as PHP's `parse_str` does: of equal names the last counts, `a[]=1` and
 * `a[k]=1` make arrays, and dots and spaces in names become `_`.
 *
 * @param query Without its question mark.
 */
export function parseQuery(query: string): PhpArray {
  const variables: PhpArray = new Map();
  for (const pair of query.split("&").slice(0, MAX_VARIABLES)) {
    if (pair === "") continue;
    const at = pair.indexOf("=");
    const name = decode(at === -1 ? pair : pair.slice(0, at));
    const value = at === -1 ? "" : decode(pair.slice(at + 1));
    put(variables, name.replace(/^ +|\0.*$/gs, ""), value);
  }
  return variables;
}

function put(variables: PhpArray, name: string, value: string): void {
  const bracket = name.indexOf("[", 1);
  const isOpen = bracket !== -1 && name.indexOf("]", bracket) === -1;
  const end = bracket === -1 ? name.length : bracket;
  const base = name.slice(0, end).replaceAll(/[. ]/g, "_");
  if (base === "" || name.startsWith("[")) return;
  if (bracket === -1) return void variables.set(base, value);
  // A bracket that nobody closes is part of the name.
  if (isOpen) {
    const rest = name.slice(bracket + 1).replaceAll(/[. ]/g, "_");
    return void variables.set(`${base}_${rest}`, value);
  }
  const keys = keysOf(name.slice(bracket));
  if (keys.length > MAX_BRACKETS) return;
  let array = arrayAt(variables, base);
  for (const key of keys.slice(0, -1)) {
    array = arrayAt(array, indexIn(array, key));
  }
  array.set(indexIn(array, keys.at(-1) ?? ""), value);
}

/** Takes `[a][b]` apart; what follows the last bracket counts for nothing. */
function keysOf(brackets: string): string[] {
  const keys: string[] = [];
  for (let rest = brackets; rest.startsWith("[");) {
    const end = rest.indexOf("]");
    if (end === -1) break;
    keys.push(rest.slice(1, end));
    rest = rest.slice(end + 1);
  }
  return keys;
}

function arrayAt(array: PhpArray, key: string): PhpArray {
  const old: PhpValue | undefined = array.get(key);
  if (old instanceof Map) return old;
  const made: PhpArray = new Map();
  array.set(key, made);
  return made;
}

/** The number that an array's next entry without a key gets; 0 if it is not here. */
const nextNumbers = new WeakMap<PhpArray, number>();

/** Returns the key that an index in brackets means: none, or a space, is the next number. */
function indexIn(array: PhpArray, index: string): string {
  const next = nextNumbers.get(array) ?? 0;
  const key = /^\s?$/.test(index) ? String(next) : index;
  if (isIntKey(key) && Number(key) >= next) {
    nextNumbers.set(array, Number(key) + 1);
  }
  return key;
}

function decode(text: string): string {
  if (!/[%+]/.test(text)) return text;
  const source = encoder.encode(text);
  const bytes: number[] = [];
  for (let at = 0; at < source.length; at++) {
    const byte = source[at] as number;
    const hex = String.fromCharCode(...source.subarray(at + 1, at + 3));
    if (byte === PERCENT && /^[0-9a-fA-F]{2}$/.test(hex)) {
      bytes.push(parseInt(hex, 16));
      at += 2;
    } else bytes.push(byte === PLUS ? SPACE : byte);
  }
  return textOf(new Uint8Array(bytes));
}
