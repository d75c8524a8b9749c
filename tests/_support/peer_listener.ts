import { TcpPeerListener } from "../../lib/peer/tcp_peer_listener.ts";
import { Refusals } from "../../lib/peer/refusals.ts";
import { Trust } from "../../lib/peer/trust.ts";
import { roomLogger } from "../../lib/observe/logger.ts";

/** What a node goes by that trusts everybody. */
export function trustingOptions(): { trust: Trust; refusals: Refusals } {
  return {
    trust: Trust.NONE,
    refusals: new Refusals(roomLogger("link"), "a peer"),
  };
}

/** Listens for nodes on a free port of this machine, and trusts everybody. */
export function trustingListener(): TcpPeerListener {
  const address = { hostname: "127.0.0.1", port: 0 };
  return new TcpPeerListener(address, trustingOptions());
}
