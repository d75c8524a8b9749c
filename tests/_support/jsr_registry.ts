/**
 * What the registry would serve if this checkout were published, on this machine: the
 * files that `deno publish` takes, with imports as it would write them.
 *
 * @module
 */

import config from "../../deno.json" with { type: "json" };
import { publishedFiles } from "./published_files.ts";

const CHECKOUT = new URL("../../", import.meta.url);
const STD = ["assert", "net"];

/** A package, as a registry has it. */
interface Package {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, string>> | string;
  /** Paths with a slash first, and what is there. */
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}

/** A registry with this package in it, and the `@std` packages that it imports. */
export class JsrRegistry implements AsyncDisposable {
  readonly #answers: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  private constructor(answers: ReadonlyMap<string, Uint8Array<ArrayBuffer>>) {
    this.#answers = answers;
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => this.#answer(new URL(request.url).pathname),
    );
  }

  /** Serves what the checkout holds now. */
  static async start(): Promise<JsrRegistry> {
    const packages = [await ours(), ...await Promise.all(STD.map(std))];
    const answers = await Promise.all(packages.map(answersFor));
    return new JsrRegistry(new Map(answers.flatMap((map) => [...map])));
  }

  /**
   * Variables with which Deno asks it, and keeps what it says by itself, in a folder
   * that is made; packages of npm are those of this machine.
   */
  async env(folder: string): Promise<Record<string, string>> {
    await Deno.mkdir(folder);
    await Deno.symlink(await npmCache(), `${folder}/npm`);
    const { port } = this.#server.addr;
    return { JSR_URL: `http://127.0.0.1:${port}/`, DENO_DIR: folder };
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  #answer(path: string): Response {
    const body = this.#answers.get(path);
    if (body === undefined) return new Response(null, { status: 404 });
    const type = path.endsWith(".json")
      ? "application/json"
      : "text/typescript";
    return new Response(body, { headers: { "content-type": type } });
  }
}

async function npmCache(): Promise<string> {
  const deno = new Deno.Command(Deno.execPath(), { args: ["info", "--json"] });
  const { stdout } = await deno.output();
  return JSON.parse(new TextDecoder().decode(stdout)).npmCache;
}

async function ours(): Promise<Package> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const path of await publishedFiles()) {
    await addFile(files, CHECKOUT, path);
  }
  const { name, version, exports } = config;
  return { name, version, exports, files };
}

async function std(name: string): Promise<Package> {
  const root = new URL(`tests/std/${name}/`, CHECKOUT);
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  await addFolder(files, root, "");
  const told = JSON.parse(await Deno.readTextFile(new URL("deno.json", root)));
  return { ...told, files };
}

async function addFolder(
  files: Map<string, Uint8Array<ArrayBuffer>>,
  root: URL,
  folder: string,
): Promise<void> {
  for await (
    const { name, isDirectory } of Deno.readDir(new URL(folder, root))
  ) {
    const path = folder + name;
    if (isDirectory) await addFolder(files, root, `${path}/`);
    else await addFile(files, root, path);
  }
}

async function addFile(
  files: Map<string, Uint8Array<ArrayBuffer>>,
  root: URL,
  path: string,
): Promise<void> {
  const text = await Deno.readTextFile(new URL(path, root));
  const published = path.endsWith(".ts") ? withAddresses(text) : text;
  files.set(`/${path}`, new TextEncoder().encode(published));
}

/** Names of packages become addresses: a registry knows no import maps. */
function withAddresses(source: string): string {
  const { imports } = config;
  return source.replaceAll(
    /^(import .*|export .*|\} )from "((?:@[^/"]+\/)?[^./"][^/"]*)(\/[^"]*)?"/gm,
    (line, start: string, name: string, path: string = "") => {
      const address = (imports as Record<string, string>)[name];
      return address === undefined ? line : `${start}from "${address}${path}"`;
    },
  );
}

async function answersFor(
  { name, version, exports, files }: Package,
): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const toBytes = (value: unknown) =>
    new TextEncoder().encode(JSON.stringify(value));
  const manifest: Record<string, unknown> = {};
  const answers = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const [path, bytes] of files) {
    const digest = new Uint8Array(
      await crypto.subtle.digest("SHA-256", bytes),
    );
    const checksum = `sha256-${digest.toHex()}`;
    manifest[path] = { size: bytes.length, checksum };
    answers.set(`/${name}/${version}${path}`, bytes);
  }
  const versions = { [version]: { createdAt: "2026-01-01T00:00:00.000Z" } };
  answers.set(`/${name}/meta.json`, toBytes({ latest: version, versions }));
  answers.set(
    `/${name}/${version}_meta.json`,
    toBytes({
      manifest,
      exports: typeof exports === "string" ? { ".": exports } : exports,
    }),
  );
  return answers;
}
