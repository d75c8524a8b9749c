import { TEST_CERT, TEST_KEY } from "../unit/transport/_certificate.ts";

/** A certificate for `localhost` and its key, in files. */
export class KeyFiles implements AsyncDisposable {
  readonly #folder: string;
  /** What has a command line use them. */
  readonly options: readonly string[];

  private constructor(folder: string) {
    this.#folder = folder;
    this.options = [`--cert=${folder}/cert.pem`, `--key=${folder}/key.pem`];
  }

  /** Writes them. */
  static async write(): Promise<KeyFiles> {
    const folder = await Deno.makeTempDir();
    await Deno.writeTextFile(`${folder}/cert.pem`, TEST_CERT);
    await Deno.writeTextFile(`${folder}/key.pem`, TEST_KEY);
    return new KeyFiles(folder);
  }

  /** Removes them. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#folder, { recursive: true });
  }
}
