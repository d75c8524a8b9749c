/**
 * How two roles get to know each other on a new connection: hello, challenge,
 * proof, welcome. Both prove that they know the secret key, over everything that
 * was said before, fresh random bytes of both sides included: the key never
 * crosses the wire and nothing that was recorded can be used again.
 *
 * @module
 */
import { concat } from "../base/concat.ts";
import { HandshakeError, messageOf, ProtocolError } from "../base/errors.ts";
import {
  type BodyMap,
  decodeMap,
  encodeBody,
  numberField,
  textField,
} from "../wire/body.ts";
import { writeWhole } from "../base/write_whole.ts";
import type { ByteStream } from "../peer/byte_stream.ts";
import { readTraits, type Traits } from "../wire/bodies/traits.ts";
import { Command } from "../wire/command.ts";
import { HEADER_LENGTH, writeHeader } from "../wire/frame.ts";
import type { LinkedPeer } from "./linked_peer.ts";
import {
  commonVersion,
  LINK_VERSIONS,
  noCommonVersion,
  readVersions,
  versionFields,
} from "./link_version.ts";
import { findProved, newNonce, PROOF_LENGTH, proveAll } from "../peer/proof.ts";

/**
 * What the proofs of the two sides are for. The number is the handshake's own: it stays,
 * whatever versions are spoken, or sides with different ranges could not prove a thing.
 */
const DIALER = "gatewayworker link 2 dialer";
const LISTENER = "gatewayworker link 2 listener";

/** Milliseconds that a handshake may take. */
export const HANDSHAKE_TIMEOUT = 10_000;

/** Longest frame of a handshake, in bytes: names and keys are short. */
const MAX_HANDSHAKE_FRAME = 4_096;

/** Longest name, in UTF-16 units. */
const MAX_NAME = 128;

/** What a role says of itself. */
export interface Introduction {
  /** What it is. */
  readonly role: LinkedPeer["role"];
  /** Its name, for people. */
  readonly name: string;
  /** Differs for every start of a process. */
  readonly instance: string;
  /** By what a worker is chosen; left out if it is one like others. */
  readonly traits?: Traits;
}

/** What a gateway tells whoever links to it. */
export interface Welcome {
  /** First 12 hex digits of its clients' ids. */
  readonly gatewayId: string;
  /** Bytes of events that it keeps unacknowledged. */
  readonly window: number;
}

/** What either side of a handshake goes by. */
export interface HandshakeSide {
  /** What it says of itself. */
  readonly introduction: Introduction;
  /** Every key that it knows, and accepts; empty for none. */
  readonly secretKeys: readonly string[];
  /** Where the other side was reached or came from. */
  readonly address: string;
}

/**
 * Introduces the caller to a gateway, as the side that dialled.
 *
 * @returns Who answered, and what it told.
 * @throws {HandshakeError} If either side does not trust the other.
 * @throws {ProtocolError} If the other side is no gateway.
 */
export async function greet(
  conn: ByteStream,
  { introduction, secretKeys, address }: HandshakeSide,
): Promise<{ peer: LinkedPeer; welcome: Welcome }> {
  const hello = introduce(introduction);
  await writeFrame(conn, Command.Hello, hello);
  const challenge = await readFrame(conn, Command.Challenge);
  const gateway = decodeMap(challenge);
  const spoken = readVersions(gateway);
  const version = commonVersion(LINK_VERSIONS, spoken);
  if (version === undefined) {
    throw new HandshakeError(
      `Cannot link to gateway "${address}": ${
        noCommonVersion(LINK_VERSIONS, spoken)
      }`,
    );
  }
  const proofs = proveAll(secretKeys, {
    label: DIALER,
    said: [hello, challenge],
  });
  await writeFrame(conn, Command.Proof, proofs);
  const answer = await readFrame(conn, Command.Welcome);
  const [proof, welcome] = [
    answer.subarray(0, PROOF_LENGTH),
    answer.subarray(PROOF_LENGTH),
  ];
  const claim = { label: LISTENER, said: [hello, challenge, welcome] };
  if (findProved(secretKeys, claim, proof) === undefined) {
    throw new HandshakeError(
      `Cannot trust gateway "${address}": its proof of the secret key is wrong`,
    );
  }
  return {
    peer: { ...readIntroduction(gateway), address, version },
    welcome: readWelcome(decodeMap(welcome)),
  };
}

/**
 * Receives whoever dialled, and refuses those who do not know a secret key.
 *
 * @returns Who dialled.
 * @throws {HandshakeError} If the other side is not trusted; it has been told why.
 * @throws {ProtocolError} If the other side does not speak this protocol.
 */
export async function receive(
  conn: ByteStream,
  side: HandshakeSide,
  welcome: Welcome,
): Promise<LinkedPeer> {
  const { introduction, secretKeys, address } = side;
  const hello = await readFrame(conn, Command.Hello);
  const dialer = decodeMap(hello);
  const spoken = readVersions(dialer);
  const version = commonVersion(spoken, LINK_VERSIONS);
  if (version === undefined) {
    return await refuse(conn, noCommonVersion(spoken, LINK_VERSIONS));
  }
  const peer = { ...readIntroduction(dialer), address, version };
  const challenge = introduce(introduction);
  await writeFrame(conn, Command.Challenge, challenge);
  const proofs = await readFrame(conn, Command.Proof);
  const claim = { label: DIALER, said: [hello, challenge] };
  const key = findProved(secretKeys, claim, proofs);
  if (key === undefined) {
    return await refuse(conn, "the secret key differs");
  }
  const told = encodeBody(welcome);
  const proof = proveAll([key], {
    label: LISTENER,
    said: [hello, challenge, told],
  });
  await writeFrame(conn, Command.Welcome, concat(proof, told));
  return peer;
}

async function refuse(conn: ByteStream, reason: string): Promise<never> {
  await writeFrame(conn, Command.Refuse, encodeBody({ reason }));
  throw new HandshakeError(`Cannot accept link: ${reason}`);
}

function readWelcome(body: BodyMap): Welcome {
  return {
    gatewayId: textField(body, "gatewayId") ?? "",
    window: numberField(body, "window") ?? 0,
  };
}

function introduce(introduction: Introduction): Uint8Array<ArrayBuffer> {
  const nonce = newNonce();
  const versions = versionFields(LINK_VERSIONS);
  const name = introduction.name.slice(0, MAX_NAME);
  return encodeBody({ ...versions, ...introduction, name, nonce });
}

function readIntroduction(body: BodyMap): Introduction {
  const role = textField(body, "role");
  if (role !== "gateway" && role !== "worker" && role !== "client") {
    throw new ProtocolError(
      `Cannot read introduction: role is "${role}", expected gateway, worker or client`,
    );
  }
  return {
    role,
    name: (textField(body, "name") ?? "").slice(0, MAX_NAME),
    instance: (textField(body, "instance") ?? "").slice(0, 64),
    ...(body["traits"] !== undefined && {
      traits: readTraits(body["traits"]),
    }),
  };
}

async function writeFrame(
  conn: ByteStream,
  command: Command,
  body: Uint8Array,
): Promise<void> {
  const frame = new Uint8Array(HEADER_LENGTH + body.length);
  writeHeader(new DataView(frame.buffer), 0, frame.length, command, 0, 0, 0);
  frame.set(body, HEADER_LENGTH);
  await writeWhole(conn, frame);
}

/** Reads exactly one frame, so that nothing of what follows is taken. */
async function readFrame(
  conn: ByteStream,
  expected: Command,
): Promise<Uint8Array<ArrayBuffer>> {
  const header = await readExactly(conn, HEADER_LENGTH);
  const view = new DataView(header.buffer);
  const length = view.getUint32(0);
  const command = view.getUint8(4);
  const known = command === expected || command === Command.Refuse;
  if (!known || length < HEADER_LENGTH || length > MAX_HANDSHAKE_FRAME) {
    throw new ProtocolError(
      "Cannot read handshake: the bytes are not this protocol",
    );
  }
  const body = await readExactly(conn, length - HEADER_LENGTH);
  if (command !== Command.Refuse) return body;
  throw new HandshakeError(
    `Cannot link: the gateway refused, ${reasonOf(body)}`,
  );
}

function reasonOf(body: Uint8Array): string {
  try {
    return textField(decodeMap(body), "reason") ?? "without a reason";
  } catch (error) {
    return messageOf(error);
  }
}

/**
 * Reads so many bytes.
 *
 * @throws {ProtocolError} If there are not that many.
 */
export async function readExactly(
  conn: Pick<ByteStream, "read">,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const count = await conn.read(bytes.subarray(at));
    if (count === null) {
      throw new ProtocolError(
        "Cannot read handshake: the peer closed the connection",
      );
    }
    at += count;
  }
  return bytes;
}
