/**
 * What users can name of this package, in a form that two versions can be compared
 * by: for each export of `deno.json` its names, for each name its signature and
 * members, a line each.
 *
 *     deno task api                      writes tests/api/snapshot.json anew
 *
 * @module
 */
import { type TypeDoc, typeText } from "./type_text.ts";

const ROOT = new URL("../../", import.meta.url);

/** Where the public API is written down. */
export const SNAPSHOT = new URL("snapshot.json", import.meta.url);

/** What users can name. */
export interface PublicApi {
  /** The names of each export of `deno.json`. */
  readonly exports: Readonly<Record<string, readonly string[]>>;
  /** What each name is, and its members. */
  readonly names: Readonly<Record<string, readonly string[]>>;
}

interface Param {
  readonly kind: string;
  readonly name?: string;
  readonly optional?: boolean;
  readonly tsType?: TypeDoc;
  /** The parameter that a default is given to. */
  readonly left?: Param;
  /** The parameter that takes the rest. */
  readonly arg?: Param;
}

interface Signature {
  readonly params?: readonly Param[];
  readonly returnType?: TypeDoc;
  readonly typeParams?: readonly { readonly name: string }[];
}

interface Member extends Signature {
  readonly name: string;
  readonly kind?: string;
  readonly accessibility?: string;
  readonly isStatic?: boolean;
  readonly optional?: boolean;
  readonly readonly?: boolean;
  readonly tsType?: TypeDoc;
  readonly functionDef?: Signature;
}

interface Definition extends Signature {
  readonly tsType?: TypeDoc;
  /** A class has one, an interface some. */
  readonly extends?: string | readonly TypeDoc[];
  readonly implements?: readonly TypeDoc[];
  readonly constructors?: readonly Member[];
  readonly properties?: readonly Member[];
  readonly methods?: readonly Member[];
}

interface Declaration {
  readonly kind: string;
  readonly def: Definition;
}

interface SymbolDoc {
  readonly name: string;
  readonly declarations: readonly Declaration[];
}

/** What `deno doc --json` says of some files. */
export interface Docs {
  /** By the address of the file. */
  readonly nodes: Readonly<
    Record<string, { readonly symbols: readonly SymbolDoc[] }>
  >;
}

/** Reads the public API from the sources. */
export async function readPublicApi(): Promise<PublicApi> {
  const config = await Deno.readTextFile(new URL("deno.json", ROOT));
  const { exports }: { exports: Record<string, string> } = JSON.parse(config);
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", ...Object.values(exports)],
    cwd: ROOT,
  }).output();
  if (!success) throw new TypeError(new TextDecoder().decode(stderr));
  return reduce(JSON.parse(new TextDecoder().decode(stdout)), exports);
}

/**
 * Leaves of the documentation what users' programs are written against: no texts, no
 * places, nothing private.
 *
 * @param docs What `deno doc --json` says.
 * @param exports The exports of `deno.json`, each with its file.
 */
export function reduce(
  docs: Docs,
  exports: Readonly<Record<string, string>>,
): PublicApi {
  const symbolsOf = (file: string) =>
    docs.nodes[new URL(file, ROOT).href]?.symbols ?? [];
  const all = Object.values(exports).flatMap(symbolsOf);
  const named = Object.groupBy(all, ({ name }) => name);
  return {
    exports: Object.fromEntries(
      Object.entries(exports).map((
        [path, file],
      ) => [path, symbolsOf(file).map(({ name }) => name).sort()]),
    ),
    names: Object.fromEntries(
      Object.entries(named).sort().map((
        [name, symbols = []],
      ) => [name, symbols.flatMap(linesOf)]),
    ),
  };
}

/** An export that only refers to what another one has shows nothing. */
function linesOf({ name, declarations }: SymbolDoc): string[] {
  return declarations
    .filter(({ kind }) => kind !== "reference")
    .flatMap(({ kind, def }) => [
      `${kind} ${name}${signatureText(def)}${valueText(def)}`,
      ...membersOf(def).sort(),
    ]);
}

function valueText(def: Definition): string {
  const parents = typeof def.extends === "string"
    ? [def.extends]
    : (def.extends ?? []).map(typeText);
  const contracts = (def.implements ?? []).map(typeText);
  return [
    parents.length > 0 ? ` extends ${parents.join(", ")}` : "",
    contracts.length > 0 ? ` implements ${contracts.join(", ")}` : "",
    def.tsType === undefined ? "" : ` = ${typeText(def.tsType)}`,
  ].join("");
}

function membersOf(def: Definition): string[] {
  return [
    ...def.constructors ?? [],
    ...def.properties ?? [],
    ...def.methods ?? [],
  ].filter(({ accessibility }) => accessibility !== "private").map(memberText);
}

function memberText(member: Member): string {
  const { name, kind = "", functionDef, tsType } = member;
  return [
    member.isStatic ? "static " : "",
    member.readonly ? "readonly " : "",
    /^[gs]etter$/.test(kind) ? `${kind} ` : "",
    name,
    member.optional ? "?" : "",
    signatureText(functionDef ?? member),
    tsType === undefined ? "" : `: ${typeText(tsType)}`,
  ].join("");
}

/** Nothing if it cannot be called. */
function signatureText({ params, returnType, typeParams }: Signature): string {
  const names = (typeParams ?? []).map(({ name }) => name).join(", ");
  const generics = names === "" ? "" : `<${names}>`;
  if (params === undefined) return generics;
  const result = returnType === undefined ? "" : `: ${typeText(returnType)}`;
  return `${generics}(${params.map(paramText).join(", ")})${result}`;
}

/** A parameter that has a default may be left out. */
function paramText(param: Param): string {
  if (param.arg !== undefined) return `...${paramText(param.arg)}`;
  const { name = "{}", tsType } = param.left ?? param;
  const isOptional = param.optional || param.left !== undefined;
  const type = tsType ?? param.tsType;
  return `${name}${isOptional ? "?" : ""}: ${type ? typeText(type) : "?"}`;
}

if (import.meta.main) {
  const api = await readPublicApi();
  await Deno.writeTextFile(SNAPSHOT, `${JSON.stringify(api, null, 2)}\n`);
}
