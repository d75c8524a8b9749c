import { CORE_NAME } from "../world/core.ts";
import handler from "./files/handler.ts.txt" with { type: "text" };
import test from "./files/handler_test.ts.txt" with { type: "text" };
import page from "./files/index.html" with { type: "text" };
import readme from "./files/readme.md" with { type: "text" };

/** Where a new project finds this package. */
export interface Source {
  /** Version of the package; the project takes what is compatible with it. */
  readonly version: string;
  /** Path from the project to a checkout; `undefined` for the registry. */
  readonly checkout?: string;
  /** What its `deno.lock` says at first; `undefined` if it has none. */
  readonly lock?: unknown;
}

/**
 * What starts processes sees how many files they may open only if it may do everything.
 * It runs no code of the user's; what does, may do little.
 */
const START =
  `deno run -A ${CORE_NAME}/cli start handler.ts --worker-permissions='--allow-net --allow-read=.'`;

const IGNORED = `node_modules/
.env
*.key
*.pem
`;

/**
 * Returns the files of a new project: their names, and what they say.
 *
 * @param name What the project is called.
 * @param source Where it finds this package.
 */
export function projectFiles(
  name: string,
  { version, checkout, lock }: Source,
): Readonly<Record<string, string>> {
  const config = {
    imports: { [CORE_NAME]: `jsr:${CORE_NAME}@^${version}` },
    ...(checkout === undefined ? {} : { links: [checkout] }),
    // Of a package that could be faster with a native part, which is not used.
    allowScripts: { deny: ["npm:cbor-extract"] },
    tasks: {
      dev: `${START} --dev`,
      start: START,
      test: "deno test",
      check: "deno check",
    },
  };
  const named = (text: string, shown = name) =>
    text.replaceAll("PROJECT_NAME", () => shown);
  return {
    "handler.ts": handler,
    "handler_test.ts": test,
    "index.html": named(
      page,
      name.replaceAll("&", "&amp;").replaceAll("<", "&lt;"),
    ),
    "deno.json": toJson(config),
    ...(lock === undefined ? {} : { "deno.lock": toJson(lock) }),
    "README.md": named(readme),
    ".gitignore": IGNORED,
  };
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
