/**
 * Names of uids and groups on a link; and the names under which gateways and those
 * that send to them note who is interested in what: one space for uids and groups.
 *
 * @module
 */

/** A name may begin with U+FEFF, which a decoder by default takes for no part of it. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Decodes a name that is the payload of a frame. */
export function decodeName(payload: Uint8Array): string {
  return decoder.decode(payload);
}

/** The name of a uid. */
export function uidName(uid: string): string {
  return `u${uid}`;
}

/** The name of a group. */
export function groupName(group: string): string {
  return `g${group}`;
}
