import { assertEquals } from "@std/assert";
import { NameCopy } from "../../../../lib/gateway/presence/name_copy.ts";
import { ShownName } from "../../../../lib/gateway/presence/shown_name.ts";
import { BlockKind, Phase } from "../../../../lib/wire/bodies/presence_rows.ts";

/** A copy that counts how often all of it is listed. */
class CountedCopy extends NameCopy {
  listed = 0;

  override page(after: string, limit: number) {
    this.listed++;
    return super.page(after, limit);
  }

  /** Somebody joins. */
  join(uid: string): string[] {
    return this.take({
      name: "groom",
      kind: this.isWhole
        ? BlockKind.Difference
        : BlockKind.Part | BlockKind.First | BlockKind.Last,
      epoch: 1,
      count: 1,
      guests: 0,
      rows: [{
        uid,
        tabs: 1,
        attached: 1,
        phase: Phase.Joined,
        turn: 1,
        state: undefined,
        edition: 0,
        hasLeft: false,
      }],
    });
  }
}

/** Who is there to a client that has seen some of it. */
function seen(...texts: (string | undefined)[]): string[] {
  const uids = new Set<string>();
  for (const text of texts) {
    const { members, set = [], gone = [] } = JSON.parse(text ?? "{}");
    for (const { uid } of members ?? set) uids.add(uid);
    for (const uid of gone) uids.delete(uid);
  }
  return [...uids];
}

Deno.test("ShownName lists all once for each difference, however many ask, and the difference brings them as far", () => {
  const shown = new ShownName("groom");
  const copy = new CountedCopy();
  copy.join("ann");

  const snapshots = ["bob", "cat", "dan"].map((uid) => {
    const snapshot = shown.snapshot(copy, undefined);
    shown.note(copy.join(uid));
    return snapshot;
  });
  const change = shown.takeChanges(copy);

  assertEquals(copy.listed, 1);
  for (const snapshot of snapshots) {
    assertEquals(seen(snapshot, change), ["ann", "bob", "cat", "dan"]);
  }
  assertEquals(seen(shown.snapshot(copy, undefined)).length, 4);
  assertEquals(copy.listed, 2);
});
