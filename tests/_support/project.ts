/** The lock of this checkout, from which projects of tests take what they import. */
const LOCK = new URL("../../deno.lock", import.meta.url);

/** Nobody answers there: what asks a registry fails. */
export const OFFLINE: Readonly<Record<string, string>> = {
  HTTP_PROXY: "http://127.0.0.1:9",
  HTTPS_PROXY: "http://127.0.0.1:9",
  NO_PROXY: "127.0.0.1,localhost",
};

/** A folder of a user's own, elsewhere than this checkout. */
export class TestProject implements AsyncDisposable {
  /** Where it is. */
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Makes a folder with files. */
  static async create(
    files: Readonly<Record<string, string>> = {},
  ): Promise<TestProject> {
    const prefix = "gatewayworker-project-";
    // Deno speaks of files by their real paths.
    const folder = await Deno.realPath(await Deno.makeTempDir({ prefix }));
    const project = new TestProject(folder);
    for (const [name, text] of Object.entries(files)) {
      await project.write(name, text);
    }
    return project;
  }

  /** The path of one of its files. */
  path(name: string): string {
    return `${this.folder}/${name}`;
  }

  /** Writes a file, and the folders above it. */
  async write(name: string, text: string): Promise<void> {
    const path = this.path(name);
    await Deno.mkdir(path.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(path, text);
  }

  /** What a file says; `undefined` if there is none. */
  async read(name: string): Promise<string | undefined> {
    try {
      return await Deno.readTextFile(this.path(name));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }

  /** Removes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** A lock for packages without dependencies, with the versions of this checkout. */
export async function lockFor(...specifiers: string[]): Promise<string> {
  const ours = JSON.parse(await Deno.readTextFile(LOCK));
  const entries = specifiers.map((specifier) => {
    const version: string = ours.specifiers[specifier];
    const id = specifier.replace(/^npm:(.+)@.*$/, `$1@${version}`);
    return { specifier, version, id };
  });
  return JSON.stringify({
    version: ours.version,
    specifiers: Object.fromEntries(
      entries.map(({ specifier, version }) => [specifier, version]),
    ),
    npm: Object.fromEntries(entries.map(({ id }) => [id, ours.npm[id]])),
  });
}

/** A lock for all that this checkout imports, in a workspace that Deno has yet to see. */
export async function wholeLock(): Promise<string> {
  const { workspace: _, ...lock } = JSON.parse(await Deno.readTextFile(LOCK));
  return JSON.stringify(lock);
}
