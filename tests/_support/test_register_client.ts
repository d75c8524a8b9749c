import { assertEquals } from "@std/assert";
import {
  RegisterClient,
  type RegisterClientOptions,
} from "../../lib/roster/register_client.ts";
import type { RegisterLinkStatus } from "../../lib/roster/register_link.ts";
import { Inbox } from "./inbox.ts";

/** A client whose reports can be waited for. Already started. */
export class TestRegisterClient implements AsyncDisposable {
  /** What was reported of addresses, sorted. */
  readonly lists = new Inbox<string[]>();
  /** What was reported of links. */
  readonly statuses = new Inbox<RegisterLinkStatus>();
  /** The client itself. */
  readonly client: RegisterClient;

  /** @param options As for the client; callbacks in it replace the inboxes. */
  constructor(options: RegisterClientOptions) {
    this.client = new RegisterClient({
      onAddresses: (addresses) => this.lists.push([...addresses].sort()),
      onStatus: this.statuses.push,
      ...options,
    });
    this.client.start();
  }

  /** Waits for the next report, and checks it. */
  async reports(...addresses: string[]): Promise<void> {
    assertEquals(await this.lists.next(), addresses);
  }

  /** Waits until these addresses are reported; passes over other reports. */
  async reportsAtLast(...addresses: string[]): Promise<void> {
    const wanted = addresses.join();
    await this.lists.until((list) => list.join() === wanted);
  }

  /** Waits until the status of a link is this; passes over others. */
  async becomes(type: RegisterLinkStatus["type"]): Promise<RegisterLinkStatus> {
    return await this.statuses.until((status) => status.type === type);
  }

  /** Closes the client. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
  }
}
