import type { Quantity } from "../../base/quantity.ts";
import {
  bytes,
  type Kind,
  perSecond,
  time,
  wholeNumber,
} from "./option_kind.ts";

/** The part of an option that says how much. */
export interface Amount {
  /** How it is written. */
  readonly kind: Kind<number>;
  /** What it usually is. */
  readonly default: number;
  /** The same in short, if that is how people would write it. */
  readonly defaultText?: string;
}

const MEBIBYTE = 1024 ** 2;

/** Where a role knows no limit, more than this is a slip. */
const MOST_BYTES = 65_536 * MEBIBYTE;
const MOST_THINGS = 1_000_000_000;
const MOST_SECONDS = 86_400;

/** How people write one of a role's quantities; its milliseconds are seconds to them. */
export function amount({ unit, min, max, default: usual }: Quantity): Amount {
  switch (unit) {
    case "bytes": {
      const most = Math.min(max, MOST_BYTES) / MEBIBYTE;
      const defaultText = shortBytes(usual);
      return { kind: bytes(most, min), default: usual, defaultText };
    }
    case "seconds":
      return { kind: time("seconds", min, max), default: usual };
    case "milliseconds": {
      const most = Math.min(max / 1000, MOST_SECONDS);
      return {
        kind: time("seconds", min / 1000, most),
        default: usual / 1000,
      };
    }
    case "things": {
      const most = Math.min(max, MOST_THINGS);
      return { kind: wholeNumber(min, most), default: usual };
    }
    default:
      return unit satisfies never;
  }
}

/** The same for one so short that people give its milliseconds. */
export function milliseconds({ min, max, default: usual }: Quantity): Amount {
  return { kind: time("milliseconds", min, max), default: usual };
}

/** The same for one that is so many a second. */
export function rate({ min, max, default: usual }: Quantity): Amount {
  return { kind: perSecond(min, max), default: usual };
}

function shortBytes(bytes: number): string {
  if (bytes === 0 || bytes % 1024 !== 0) return String(bytes);
  return bytes % MEBIBYTE === 0 ? `${bytes / MEBIBYTE}m` : `${bytes / 1024}k`;
}
