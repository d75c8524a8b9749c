/**
 * The names under which gateways and those that send to them note who is interested
 * in what: one space for uids and groups.
 *
 * @module
 */

/** The name of a uid. */
export function uidName(uid: string): string {
  return `u${uid}`;
}

/** The name of a group. */
export function groupName(group: string): string {
  return `g${group}`;
}

/** Names of a uid, if there is one, and of groups. */
export function namesOf(
  uid: string | undefined,
  groups: Iterable<string> = [],
): string[] {
  const names = Array.from(groups, groupName);
  return uid === undefined ? names : [...names, uidName(uid)];
}
