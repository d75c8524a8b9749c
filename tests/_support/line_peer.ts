import { assertEquals } from "@std/assert";

/** The other end of a link that is spoken in lines, played by hand. */
export class LinePeer implements Disposable {
  readonly #conn: Deno.Conn;
  readonly #buffer = new Uint8Array(65_536);
  readonly #decoder = new TextDecoder();
  #rest = "";

  /** @param conn The connection to speak on. */
  constructor(conn: Deno.Conn) {
    this.#conn = conn;
  }

  /** Dials whoever listens there. */
  static async dial(
    { hostname, port }: Pick<Deno.NetAddr, "hostname" | "port">,
  ): Promise<LinePeer> {
    return new LinePeer(await Deno.connect({ hostname, port }));
  }

  /** Writes the text as it is; a line needs its own end. */
  async write(text: string): Promise<void> {
    await this.writeBytes(new TextEncoder().encode(text));
  }

  /** Writes bytes. */
  async writeBytes(bytes: Uint8Array): Promise<void> {
    for (let sent = 0; sent < bytes.length;) {
      sent += await this.#conn.write(bytes.subarray(sent));
    }
  }

  /** Writes one line. */
  async say(line: string): Promise<void> {
    await this.write(`${line}\n`);
  }

  /** Waits for the next line; `undefined` when the other side has closed. */
  async hear(): Promise<string | undefined> {
    for (let end = -1;;) {
      end = this.#rest.indexOf("\n");
      if (end !== -1) {
        const line = this.#rest.slice(0, end);
        this.#rest = this.#rest.slice(end + 1);
        return line;
      }
      const size = await this.#read();
      if (size === null) return undefined;
      const chunk = this.#buffer.subarray(0, size);
      this.#rest += this.#decoder.decode(chunk, { stream: true });
    }
  }

  async #read(): Promise<number | null> {
    try {
      return await this.#conn.read(this.#buffer);
    } catch (error) {
      if (error instanceof Deno.errors.ConnectionReset) return null;
      throw error;
    }
  }

  /** Waits for the next line, and checks the addresses in it. */
  async hearAddresses(...addresses: string[]): Promise<void> {
    const line = await this.hear();
    assertEquals(
      line,
      JSON.stringify({ event: "broadcast_addresses", addresses }),
    );
  }

  /** Waits until a list with exactly these addresses comes; passes over others. */
  async hearUntilAddresses(...addresses: string[]): Promise<void> {
    const wanted = JSON.stringify({ event: "broadcast_addresses", addresses });
    for (let line = await this.hear(); line !== wanted;) {
      assertEquals(line === undefined, false, `closed before ${wanted} came`);
      line = await this.hear();
    }
  }

  /** Waits for the end of the link, and checks that nothing came before. */
  async hearEnd(): Promise<void> {
    assertEquals(await this.hear(), undefined);
  }

  /** Says what a gateway of our own kind says first. */
  async announceOurs(address: string, secretKey = ""): Promise<void> {
    const event = "gateway_connect";
    const instance = crypto.randomUUID();
    const connect = { event, address, "secret_key": secretKey, instance };
    await this.say(JSON.stringify(connect));
  }

  /** Says what a gateway of the original says first. */
  async announce(address: string, secretKey = ""): Promise<void> {
    await this.say(
      `{"event":"gateway_connect", "address":"${address}", "secret_key":"${secretKey}"}`,
    );
  }

  /** Says what a worker says first. */
  async ask(secretKey = ""): Promise<void> {
    await this.say(`{"event":"worker_connect","secret_key":"${secretKey}"}`);
  }

  /** Ends the link. */
  [Symbol.dispose](): void {
    this.#conn.close();
  }
}
