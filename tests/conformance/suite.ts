import type { ConformanceCase } from "./case.ts";
import { handshakes } from "./group_0_handshake.ts";
import { framing } from "./group_1_framing.ts";
import { autoFragmentation } from "./group_10_autofragmentation.ts";
import { compression } from "./group_12_compression.ts";
import { negotiation } from "./group_13_negotiation.ts";
import { pingsAndPongs } from "./group_2_pings.ts";
import { reservedBits } from "./group_3_reserved_bits.ts";
import { opcodes } from "./group_4_opcodes.ts";
import { fragmentation } from "./group_5_fragmentation.ts";
import { utf8 } from "./group_6_utf8.ts";
import { closes } from "./group_7_closing.ts";
import { limits } from "./group_9_limits.ts";

/** Cases on one subject, numbered as in the Autobahn test suite. */
export interface Group {
  /** Its number; 0 is ours. */
  readonly number: number;
  /** What it is about. */
  readonly title: string;
  /** Makes its cases. */
  cases(): Iterable<ConformanceCase>;
}

/** All that a WebSocket server must do. */
export const SUITE: readonly Group[] = [
  { number: 0, title: "Handshake", cases: handshakes },
  { number: 1, title: "Framing", cases: framing },
  { number: 2, title: "Pings and pongs", cases: pingsAndPongs },
  { number: 3, title: "Reserved bits", cases: reservedBits },
  { number: 4, title: "Opcodes", cases: opcodes },
  { number: 5, title: "Fragmentation", cases: fragmentation },
  { number: 6, title: "UTF-8", cases: utf8 },
  { number: 7, title: "Close handling", cases: closes },
  { number: 9, title: "Limits and performance", cases: limits },
  { number: 10, title: "Auto-fragmentation", cases: autoFragmentation },
  { number: 12, title: "Compression", cases: compression },
  { number: 13, title: "Compression parameters", cases: negotiation },
];
