import { messageOf } from "../../base/errors.ts";
import { roomLogger } from "../../observe/logger.ts";
import { coreConfig, findWorld, type World } from "./world.ts";

const logger = roomLogger("cli");

/** How a module is run in its world. */
export interface ModuleWorld {
  /** Flags for `deno run`; none if what Deno finds by itself is right. */
  readonly flags: readonly string[];
  /** Writes the files again that the flags name, if somebody tidied them away. */
  restore(): void;
}

/**
 * The files by which Deno is told of a world. They lie in a folder that only this user
 * can look into, and go with this process.
 */
export class WorldFiles implements Disposable {
  readonly #contents = new Map<string, string>();
  #folder = "";
  #owner: number | null = null;

  /**
   * Looks at the world of a module as it is now, and writes it down.
   *
   * @param module URL of the module; empty for none but ours.
   * @throws {TypeError} If its configuration is broken, or nothing can be written.
   */
  of(module: string): ModuleWorld {
    const world = findWorld(module);
    const restore = () => this.#restore();
    if (world === undefined) return { flags: coreFlags(), restore };
    try {
      return { flags: this.#write(world), restore };
    } catch (error) {
      throw new TypeError(
        `Cannot write what "${module}" is run with into a folder for temporary files: ${
          messageOf(error)
        }`,
        { cause: error },
      );
    }
  }

  /** Removes them. */
  [Symbol.dispose](): void {
    this.#contents.clear();
    try {
      if (this.#folder !== "") {
        Deno.removeSync(this.#folder, { recursive: true });
      }
    } catch {
      // It was tidied away, which is all we want.
    }
  }

  /** Never throws: it is called where something is started again, which goes on. */
  #restore(): void {
    if (this.#contents.size === 0) return;
    try {
      this.#openFolder();
      for (const [path, content] of this.#contents) {
        if (!isThere(path)) Deno.writeTextFileSync(path, content);
      }
    } catch (error) {
      logger.error("Cannot write what handlers are run with again: {reason}", {
        reason: messageOf(error),
      });
    }
  }

  #write({ config, importMap, lock, isComplete }: World): string[] {
    if (isComplete) return [`--config=${config}`];
    this.#openFolder();
    return [
      `--config=${config}`,
      `--import-map=${this.#add("import_map.json", importMap)}`,
      `--lock=${this.#add("deno.lock", lock)}`,
      // Theirs may be, and need not know what is ours.
      "--frozen=false",
    ];
  }

  /** Writes a file, unless there is one like it; what runs goes on with the old ones. */
  #add(name: string, json: unknown): string {
    const content = JSON.stringify(json);
    for (const [path, other] of this.#contents) {
      if (other === content) return path;
    }
    const path = `${this.#folder}/${this.#contents.size}_${name}`;
    this.#contents.set(path, content);
    Deno.writeTextFileSync(path, content);
    return path;
  }

  /** Makes it, and makes sure that nobody else made it since. */
  #openFolder(): void {
    if (this.#folder === "") {
      this.#folder = Deno.makeTempDirSync({ prefix: "gatewayworker-" });
      this.#owner = Deno.lstatSync(this.#folder).uid;
      return;
    }
    if (!isThere(this.#folder)) Deno.mkdirSync(this.#folder, { mode: 0o700 });
    const { uid, isDirectory } = Deno.lstatSync(this.#folder);
    if (isDirectory && uid === this.#owner) return;
    throw new TypeError(`"${this.#folder}" belongs to somebody else now`);
  }
}

function coreFlags(): string[] {
  const config = coreConfig();
  return config === undefined ? [] : [`--config=${config}`];
}

function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
