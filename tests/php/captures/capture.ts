/**
 * Recorded traffic of the original: `GATEWAYWORKER_CAPTURES` names a folder with a JSON
 * file for each scenario. It is no part of the project; without it, its tests are skipped.
 *
 * @module
 */

/** Bytes that one side of a connection sent. */
export interface Frame {
  /** Milliseconds since the start. */
  readonly "t_ms": number;
  /** `->` for bytes of the side that dialled. */
  readonly dir: "->" | "<-";
  readonly hex?: string;
  readonly parts?: readonly {
    readonly hex?: string;
    readonly "repeat_hex"?: string;
    readonly count?: number;
  }[];
  /** The side has closed. */
  readonly end?: "fin" | "rst";
  readonly note: string;
}

/** A connection between two roles. */
export interface Connection {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly purpose: string;
  readonly frames: readonly Frame[];
}

/** Something that was done, and what came of it. */
export interface CaptureStep {
  readonly step: number;
  readonly by: string;
  readonly do: string;
  readonly args?: readonly unknown[];
  readonly "returned_php"?: string;
  readonly exception?: string;
  readonly frames?: Readonly<Record<string, readonly [number, number]>>;
  readonly "worker_events"?: readonly WorkerEvent[];
}

/** What a worker of the original was told. */
export interface WorkerEvent {
  readonly callback?: string;
  readonly "client_id"?: string;
  readonly data?: unknown;
}

/** A scenario. */
export interface Capture {
  readonly scenario: string;
  readonly roles: readonly Readonly<Record<string, unknown>>[];
  readonly config: {
    readonly secret?: string;
    readonly ports: Readonly<Record<string, number>>;
  };
  readonly connections: readonly Connection[];
  readonly expect: readonly CaptureStep[];
}

const folder = Deno.env.get("GATEWAYWORKER_CAPTURES");

/** All scenarios, by name; none if there is no such folder. */
export function readCaptures(): ReadonlyMap<string, Capture> {
  const captures = new Map<string, Capture>();
  if (folder === undefined) return captures;
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
  for (const name of names.filter((it) => /^\d\d-.*\.json$/.test(it)).sort()) {
    const text = Deno.readTextFileSync(`${folder}/${name}`);
    captures.set(name.slice(0, -".json".length), JSON.parse(text));
  }
  return captures;
}

/** The bytes of a frame. */
export function bytesOf({ hex = "", parts }: Frame): Uint8Array<ArrayBuffer> {
  const whole = parts === undefined
    ? hex
    : parts.map(({ hex, repeat_hex = "", count = 0 }) =>
      hex ?? repeat_hex.repeat(count)
    ).join("");
  return Uint8Array.fromHex(whole);
}

/** A value as captures write what JSON cannot hold, if it is a text or bytes. */
export function messageOf(value: unknown): string | Uint8Array | undefined {
  if (typeof value === "string") return value;
  if (typeof value === "object" && value !== null && "$hex" in value) {
    return Uint8Array.fromHex(String(value.$hex));
  }
  return undefined;
}
