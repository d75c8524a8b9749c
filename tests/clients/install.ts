import type { Client } from "./clients.ts";

/** Runs a command; whether it went well, and what it printed. */
export async function attempt(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<{ success: boolean; out: string; errors: string }> {
  try {
    const { success, stdout, stderr } = await new Deno.Command(command, {
      args: [...args],
      stdin: "null",
      ...options,
    }).output();
    const [out = "", errors = ""] = [stdout, stderr].map((bytes) =>
      new TextDecoder().decode(bytes).trim()
    );
    return { success, out, errors };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return { success: false, out: "", errors: `There is no "${command}"` };
  }
}

/** The version of a package of Debian that is installed. */
export async function debianVersion(name: string): Promise<string | undefined> {
  const { success, out } = await attempt("dpkg-query", [
    "-W",
    "-f=${db:Status-Abbrev} ${Version}",
    name,
  ]);
  return success && out.startsWith("ii ") ? out.slice(3).trim() : undefined;
}

/** Installs what is missing of Debian's packages, where we are root on a Debian. */
export async function installDebian(names: readonly string[]): Promise<void> {
  const versions = await Promise.all(names.map(debianVersion));
  const missing = names.filter((_, index) => versions[index] === undefined);
  if (missing.length === 0 || Deno.uid() !== 0) return;
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  await attempt("apt-get", ["update", "-q"], { env });
  const install = ["install", "-y", "-q", "--no-install-recommends"];
  const { success } = await attempt("apt-get", [...install, ...missing], {
    env,
  });
  if (success) return;
  // One that is not to be had shall not keep the others away.
  for (const name of missing) {
    await attempt("apt-get", [...install, name], { env });
  }
}

/** A client that can be run, or why not. */
export type Readiness =
  | { readonly command: string; readonly version: string }
  | { readonly problem: string };

/** Gets ready what a client's program needs, in a folder of its own. */
export class Workshop {
  readonly #folder: string;

  /** @param folder Where everything goes, a temporary folder. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Installs and builds; resolves with what runs the program. */
  async prepare(client: Client): Promise<Readiness> {
    for (const name of client.debian ?? []) {
      if (await debianVersion(name) === undefined) {
        return { problem: `Debian's ${name} is not installed` };
      }
    }
    const folder = `${this.#folder}/${client.name.replaceAll(/\W/g, "-")}`;
    await Deno.mkdir(folder, { recursive: true });
    return await this.#npm(client, folder) ??
      await this.#build(client, folder) ??
      await this.#ready(client, folder);
  }

  async #npm({ npm }: Client, folder: string): Promise<Readiness | undefined> {
    if (npm === undefined) return undefined;
    const flags = ["--silent", "--no-audit", "--no-fund", "--ignore-scripts"];
    const args = ["install", `--prefix=${folder}`, ...flags, ...npm];
    const { success, errors } = await attempt("npm", args);
    return success ? undefined : { problem: lastLine(errors) };
  }

  async #build(
    { build }: Client,
    folder: string,
  ): Promise<Readiness | undefined> {
    if (build === undefined) return undefined;
    const { success, errors } = await this.#shell(build, folder);
    return success ? undefined : { problem: lastLine(errors) };
  }

  async #ready(client: Client, folder: string): Promise<Readiness> {
    const { debian: [library] = [], npm: [pinned] = [], version } = client;
    const command = this.#fill(client.run, folder);
    if (version !== undefined) {
      const { success, out, errors } = await this.#shell(version, folder);
      return success
        ? { command, version: out }
        : { problem: lastLine(errors) };
    }
    if (library !== undefined) {
      return { command, version: await debianVersion(library) ?? "" };
    }
    return {
      command,
      version: pinned?.slice(pinned.lastIndexOf("@") + 1) ?? "",
    };
  }

  async #shell(command: string, folder: string) {
    return await attempt("sh", ["-c", this.#fill(command, folder)], {
      cwd: folder,
    });
  }

  #fill(command: string, folder: string): string {
    const programs = new URL("./programs", import.meta.url).pathname;
    return command.replaceAll("$programs", programs)
      .replaceAll("$npm", folder).replaceAll("$out", folder);
  }

  /** The folder that a client's program runs in. */
  folderOf({ name }: Client): string {
    return `${this.#folder}/${name.replaceAll(/\W/g, "-")}`;
  }
}

function lastLine(text: string): string {
  return text.split("\n").findLast((line) => line.trim() !== "") ?? "it failed";
}
