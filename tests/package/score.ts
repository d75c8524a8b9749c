/**
 * The registry's score of a package, as far as a package can earn it by itself.
 *
 * @module
 */
import type { DryRun } from "../_support/published_files.ts";

const CHECKOUT = new URL("../../", import.meta.url);

/** Of so many symbols of a hundred the registry wants to know what they are. */
const DOCUMENTED = 80;

/** One thing that the registry gives points for. */
export interface Mark {
  /** What it is. */
  readonly what: string;
  /** How many points it is worth. */
  readonly worth: number;
  /** How many there are for it; `undefined` for what is said at the registry. */
  readonly earned: number | undefined;
  /** What was found. */
  readonly found: string;
}

/** What `deno doc --json` says of a module. */
export interface ModuleDoc {
  readonly "module_doc"?: { readonly doc?: string };
  readonly symbols: readonly {
    readonly name: string;
    readonly declarations: readonly {
      readonly kind: string;
      readonly jsDoc?: { readonly doc?: string };
    }[];
  }[];
}

/** All that a score is made of. */
export interface Sheet {
  /** The README. */
  readonly readme: string;
  /** The documentation of each export, by its path, such as `./client`. */
  readonly modules: Readonly<Record<string, ModuleDoc>>;
  /** Whether types can be told without inferring any. */
  readonly hasFastTypes: boolean;
}

/** Collects what the score of this checkout is made of. */
export async function readSheet({ said }: DryRun): Promise<Sheet> {
  const { exports } = JSON.parse(await read("deno.json"));
  const files: string[] = Object.values(exports);
  const command = new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", ...files],
    cwd: CHECKOUT,
  });
  const { success, stdout, stderr } = await command.output();
  if (!success) throw new TypeError(new TextDecoder().decode(stderr));
  const { nodes } = JSON.parse(new TextDecoder().decode(stdout));
  const modules = Object.keys(exports).map((path) => [
    path,
    nodes[new URL(exports[path], CHECKOUT).href],
  ]);
  return {
    readme: await read("README.md"),
    modules: Object.fromEntries(modules),
    hasFastTypes: !said.includes("contains errors for slow types"),
  };
}

/** Gives the marks. */
export function scoreOf({ readme, modules, hasFastTypes }: Sheet): Mark[] {
  const silent = Object.keys(modules)
    .filter((path) => !modules[path]?.["module_doc"]?.doc);
  const symbols = Object.values(modules).flatMap(({ symbols }) => symbols);
  const unknown = symbols
    .filter(({ declarations }) => !declarations.some(isDocumented))
    .map(({ name }) => name);
  const share = 100 * (1 - unknown.length / Math.max(1, symbols.length));
  const blocks = [...readme.matchAll(/^```(ts|sh)$/gm)];
  return [
    mark("a README", 2, readme.length > 1_000, `${readme.length} characters`),
    mark("examples in it", 1, blocks.length > 0, `${blocks.length} of them`),
    mark(
      "each export says what it is",
      1,
      silent.length === 0,
      silent.length > 0
        ? `not ${silent.join(", ")}`
        : `all ${Object.keys(modules).length} of them`,
    ),
    mark(
      "symbols are documented",
      5,
      share >= DOCUMENTED && symbols.length > 0,
      `${share.toFixed(1)} % of ${symbols.length}${
        unknown.length > 0 ? `, not ${unknown.join(", ")}` : ""
      }`,
    ),
    mark(
      "types without inference",
      5,
      hasFastTypes,
      hasFastTypes ? "all" : "slow types, see above",
    ),
    atRegistry("a description"),
    atRegistry("a runtime that it runs on"),
    atRegistry("a second one"),
    atRegistry("provenance"),
  ];
}

function isDocumented(
  { kind, jsDoc }: ModuleDoc["symbols"][number]["declarations"][number],
): boolean {
  // It is documented where it comes from.
  return kind === "reference" || (jsDoc?.doc ?? "") !== "";
}

function mark(
  what: string,
  worth: number,
  isEarned: boolean,
  found: string,
): Mark {
  return { what, worth, earned: isEarned ? worth : 0, found };
}

function atRegistry(what: string): Mark {
  const found = "said at the registry, see CONTRIBUTING.md";
  return { what, worth: 1, earned: undefined, found };
}

async function read(path: string): Promise<string> {
  return await Deno.readTextFile(new URL(path, CHECKOUT));
}
