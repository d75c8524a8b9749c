import { formatAddress } from "../../../lib/base/address.ts";
import type { ByteStream } from "../../../lib/peer/byte_stream.ts";
import { gatewayIdOf } from "../../../lib/wire/bodies/client_id.ts";
import type { FrameHeader } from "../../../lib/wire/frame.ts";
import { LinkListener } from "../../../lib/link/link_listener.ts";
import { Link } from "../../../lib/link/link.ts";
import type { Register } from "../../../mod.ts";
import { eventually } from "../../_support/eventually.ts";
import { LinePeer } from "../../_support/line_peer.ts";
import {
  trustingListener,
  trustingOptions,
} from "../../_support/peer_listener.ts";

/** A gateway that takes links and commands, and answers as a test says: by default, never. */
export class MuteGateway implements AsyncDisposable {
  readonly #listener: LinkListener;
  readonly #links = new Set<Link>();
  #announcement: LinePeer | undefined;
  #ended: Promise<void> | undefined;
  /** The commands that came, by number. */
  readonly commands: number[] = [];
  /** Answers a command, if the test wants that. */
  answer: (link: Link, header: FrameHeader) => void = () => {};

  constructor() {
    this.#listener = new LinkListener(trustingListener(), {
      ...trustingOptions(),
      introduction: { role: "gateway", name: "mute", instance: "mute" },
      welcome: () => ({ gatewayId: this.gatewayId, window: 1_000 }),
      open: (conn, peer) => this.#open(conn, peer),
    });
  }

  /** What its clients' ids would begin with. */
  get gatewayId(): string {
    return gatewayIdOf(this.#listener.addr);
  }

  /** Where it listens, `host:port`. */
  get address(): string {
    return formatAddress(this.#listener.addr);
  }

  /** Tells a Register that it is there, and waits until that lists it. */
  async announce(register: Register): Promise<void> {
    this.#announcement = await LinePeer.dial(register.addr);
    await this.#announcement.announceOurs(this.address);
    await eventually(
      "the mute gateway is listed",
      () =>
        register.status().gateways.some(({ address }) =>
          address === this.address
        ),
    );
  }

  /** Ends the links, and takes no others, but stays listed. */
  async die(): Promise<void> {
    this.#ended ??= this.#listener[Symbol.asyncDispose]();
    for (const link of this.#links) link.destroy();
    await this.#ended;
  }

  /** Is listed no more. */
  leave(): void {
    this.#announcement?.[Symbol.dispose]();
    this.#announcement = undefined;
  }

  /** Ends all of it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.leave();
    await this.die();
  }

  #open(conn: ByteStream, peer: Link["peer"]): void {
    const link = new Link(conn, peer, {
      onFrame: (header) => {
        this.commands.push(header.command);
        this.answer(link, header);
      },
      onClosed: () => this.#links.delete(link),
    }, { keepFrames: false, gatherWithin: 0 });
    this.#links.add(link);
    link.start();
  }
}
