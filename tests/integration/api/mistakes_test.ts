/**
 * Bad input to every call: an error that says what was wrong, and nothing sent.
 *
 * @module
 */
import { assertEquals, assertThrows } from "@std/assert";
import { type Cluster, ClusterCalls, ClusterReads } from "../../../mod.ts";
import { startApiCluster } from "./_api_cluster.ts";

/** A call with bad arguments, and a part of the error's message. */
type Mistake = readonly [args: readonly unknown[], message: string];

const ID = "7f000001000000000001";
const LONG = "x".repeat(1_025);
const HUGE = new Uint8Array(64 * 1024 * 1024 + 1);

const BAD_IDS: readonly unknown[] = [
  "",
  "7f00000100000000000",
  `${ID}0`,
  "x".repeat(20),
  7,
  null,
  undefined,
  {},
];
const BAD_NAMES: readonly unknown[] = ["", 7, 0, null, undefined, {}, "\ud800"];

const ofIds = (...rest: readonly unknown[]): Mistake[] =>
  BAD_IDS.map((id) => [[id, ...rest], "its id must be 20 hex digits"]);

function ofNames(
  what: "uid" | "group",
  toArgs: (name: unknown) => readonly unknown[],
): Mistake[] {
  const rule = `Cannot address ${what} as it must be`;
  return [
    ...BAD_NAMES.map((name): Mistake => [toArgs(name), rule]),
    [toArgs(LONG), "at most 1024 characters: it is 1025"],
  ];
}

const ofMessages = (...before: readonly unknown[]): Mistake[] => [
  ...[7, null, undefined, {}, ["x"], new Uint16Array(1)]
    .map((message): Mistake => [
      [...before, message],
      "must be a string or a Uint8Array: found",
    ]),
  [[...before, HUGE], "must be at most 67108864 bytes: it is 67108865"],
];

const ofOptions = (...before: readonly unknown[]): Mistake[] =>
  [7, null, "confirm", [ID], true].map((options) => [
    [...before, options],
    "options must be an object: found",
  ]);

const ofSends = (...before: readonly unknown[]): Mistake[] => [
  ...ofOptions(...before),
  ...[7, true, "key", {}].map((key): Mistake => [
    [...before, { key }],
    'policy "latest" and a key go together',
  ]),
  ...[7, null, undefined].map((key): Mistake => [
    [...before, { policy: "latest", key }],
    'policy "latest" and a key go together',
  ]),
  [
    [...before, { policy: "latest", key: LONG }],
    "at most 1024 characters: it is 1025",
  ],
  [[...before, { policy: "__proto__" }], "policy must be one of"],
];

const ofExclude = (...before: readonly unknown[]): Mistake[] =>
  ["", "nobody", [ID, 7]].map((exclude) => [
    [...before, { exclude }],
    "its id must be 20 hex digits",
  ]);

const ofCloses = (target: string): Mistake[] => [
  ...ofMessages(target).filter(([[, message]]) => message !== undefined),
  ...ofOptions(target, "bye"),
  ...[1001, 999, 5000, 3000.5, NaN, "1000"].map((code): Mistake => [
    [target, "bye", { code }],
    "code must be 1000 or 3000 to 4999",
  ]),
  [[target, "bye", { reason: "é".repeat(62) }], "at most 123 bytes"],
  [[target, "bye", { reason: "\ud800" }], "at most 123 bytes"],
];

const ofGroups = (name: unknown) => [name];
const ofGroupLists = (name: unknown) => [["fine", name]];
const NOT_A_LIST = (what: string): Mistake[] =>
  [7, null, undefined, "tom", {}].map((list) => [
    [list],
    `${what} must be a list: found`,
  ]);

/** CBOR would make a list of it. */
const iterable = Object.assign(Object.create(null), {
  key: 1,
  *[Symbol.iterator]() {},
});

const ofSessions: Mistake[] = [
  ...ofIds({}),
  ...[null, undefined, 7, "x", [1], new Map(), new Date()]
    .map((
      session,
    ): Mistake => [[ID, session], "must be a plain object: found"]),
  [[ID, { act: () => 1 }], '"act"'],
  [[ID, iterable], "no object that can be iterated"],
  [[ID, { x: "x".repeat(2 ** 20) }], "at most 1048576 bytes"],
];

const EVERYBODY = { all: true };

const ofRecipients = (...after: readonly unknown[]): Mistake[] => [
  ...[undefined, null, 7, "ann", {}, { all: false }, { room: "a" }]
    .map((to): Mistake => [[to, ...after], "must be one of { client }"]),
  [[{ uid: "a", group: "b" }, ...after], "found uid, group"],
  ...[7, "nobody", [ID, ""]].map((client): Mistake => [
    [{ client }, ...after],
    "20 hex digits",
  ]),
  ...ofNames("uid", (uid) => [{ uid }, ...after]),
  ...ofNames("group", (group) => [{ group }, ...after]),
];

const CIRCLE: unknown[] = [];
CIRCLE.push(CIRCLE);

const ofRequestNames: Mistake[] = [
  ...["", "a b", "a\n", "x".repeat(129), 7, undefined, "\ud800"]
    .map((name): Mistake => [
      [EVERYBODY, name, 1],
      "1 to 128 characters without white space",
    ]),
  [[EVERYBODY, "said", 1n], "BigInt"],
  [[EVERYBODY, "said", CIRCLE], "circular"],
];

/** Whom nobody can be refused by. */
const ofTargets = (): Mistake[] => [
  ...ofOptions(),
  ...[{}, { group: "lobby" }, { uid: "tom", token: "x" }].map((
    target,
  ): Mistake => [[target], "by one of uid, address, token"]),
  ...ofNames("uid", (uid) => [{ uid }]).filter(([[target]]) =>
    (target as { uid: unknown }).uid !== undefined
  ),
  ...["", "10.0.0.0/33", "tom", "::1%eth0"].map((address): Mistake => [
    [{ address }],
    address === "" ? "must be a text" : "Cannot read address range",
  ]),
  [[{ token: 7 }], "token must be a text"],
];

/** Every call of the API with what is wrong for it. */
const MISTAKES: Record<keyof Cluster, Mistake[]> = {
  sendToAll: [
    ...ofMessages(),
    ...ofSends("x"),
    ...ofExclude("x"),
    ...[7, ID, {}].map((clientIds): Mistake => [
      ["x", { clientIds }],
      "client ids must be a list",
    ]),
    [["x", { clientIds: [ID, "nobody"] }], "20 hex digits"],
  ],
  sendToClient: [...ofIds("x"), ...ofMessages(ID), ...ofSends(ID, "x")],
  sendToClients: [
    ...NOT_A_LIST("client ids").map(([[list], message]): Mistake => [
      [list, "x"],
      message,
    ]),
    [[[ID, "nobody"], "x"], "20 hex digits"],
    ...ofMessages([ID]),
    ...ofSends([ID], "x"),
  ],
  sendToUid: [
    ...ofNames("uid", (name) => [name, "x"]),
    ...ofNames("uid", (name) => [["tom", name], "x"]),
    ...ofMessages("tom"),
    ...ofSends("tom", "x"),
    ...ofExclude("tom", "x"),
    [[Array.from({ length: 80_000 }, numbered), "x"], "bytes together"],
  ],
  sendToGroup: [
    ...ofNames("group", (name) => [name, "x"]),
    ...ofNames("group", (name) => [["lobby", name], "x"]),
    ...ofMessages("lobby"),
    ...ofSends("lobby", "x").filter(([[, , list]]) => !Array.isArray(list)),
    ...ofExclude("lobby", "x"),
    [["lobby", "x", ["nobody"]], "20 hex digits"],
  ],
  sendToWorkers: [
    ...[7, null, undefined, []].map((to): Mistake => [
      [to, "x"],
      "labels must be an object",
    ]),
    ...["", "chess", "a=b=c", "a=b,"].map((to): Mistake => [
      [to, "x"],
      'a label must be "name=value"',
    ]),
    [[{ game: "two words" }, "x"], "a label must be a name and a value of 1"],
    ...ofMessages({}),
    ...ofOptions({}, "x"),
  ],
  closeClient: [...ofIds(), ...ofCloses(ID)],
  closeUid: [...ofNames("uid", ofGroups), ...ofCloses("tom")],
  destroyClient: ofIds(),
  refuse: [
    ...ofTargets(),
    ...ofOptions({ uid: "tom" }),
    ...[0, NaN, "soon", new Date(NaN)].map((until): Mistake => [
      [{ uid: "tom" }, { until }],
      "until must be a date within a year",
    ]),
    [[{ uid: "tom" }, { reason: "x".repeat(124) }], "at most 123 bytes"],
  ],
  allow: ofTargets(),
  refusals: ofOptions(),
  isOnline: [...ofIds(), ...ofOptions(ID)],
  setWindow: [
    ...ofIds(1_000),
    ...[-1, NaN, Infinity, "1", undefined].map((window): Mistake => [
      [ID, window],
      "must be 0 to 86400000 milliseconds",
    ]),
  ],
  presence: [
    ...["", undefined, null, 7, []].map((of): Mistake => [[of], "Cannot"]),
    ...ofNames("group", (group) => [{ group }]),
    ...ofNames("uid", (uid) => [{ uid }]),
    [["lobby", { after: "" }], "Cannot address uid as it must be"],
    ...[-1, 1.5, 1_001, "1"].map((limit): Mistake => [
      ["lobby", { limit }],
      "limit must be a whole number of 0 to 1000",
    ]),
    ...ofOptions("lobby"),
  ],
  setPresence: [
    ...ofIds({}),
    ...[null, 7, "x", [1], new Map(), new Date()].map((state): Mistake => [
      [ID, state],
      "must be a plain object: found",
    ]),
    [[ID, { x: 1n }], "BigInt"],
    [[ID, { x: "x".repeat(1_024) }], "at most 1024 bytes of JSON"],
    ...ofNames("group", (group) => [ID, {}, group])
      .filter(([[, , group]]) => group !== undefined),
  ],
  notify: [
    ...ofRecipients("said", 1),
    ...ofRequestNames,
    ...ofOptions(EVERYBODY, "said", 1),
    ...ofExclude(EVERYBODY, "said", 1),
  ],
  ask: [
    ...ofRecipients("sure", 1),
    ...ofRequestNames,
    ...ofOptions(EVERYBODY, "sure", 1),
    ...[0, -1, NaN, 600_001, "1"].map((timeout): Mistake => [
      [EVERYBODY, "sure", 1, { timeout }],
      "timeout must be 1 to 600000 milliseconds",
    ]),
  ],
  bindUid: [
    ...ofIds("tom"),
    ...ofIds("tom", { exclusive: true }),
    ...ofNames("uid", (name) => [ID, name]),
    ...ofNames("uid", (name) => [ID, name, { exclusive: true }]),
    ...ofOptions(ID, "tom"),
  ],
  unbindUid: ofIds(),
  isUidOnline: [...ofNames("uid", ofGroups), ...ofOptions("tom")],
  isUidsOnline: [
    ...ofNames("uid", ofGroupLists),
    ...NOT_A_LIST("uids"),
    [[Array.from({ length: 80_000 }, numbered)], "bytes together"],
  ],
  getClientIdByUid: [...ofNames("uid", ofGroups), ...ofOptions("tom")],
  batchGetClientIdByUid: [
    ...ofNames("uid", ofGroupLists),
    ...NOT_A_LIST("uids"),
  ],
  getUidByClientId: ofIds(),
  joinGroup: [...ofIds("lobby"), ...ofNames("group", (name) => [ID, name])],
  leaveGroup: [...ofIds("lobby"), ...ofNames("group", (name) => [ID, name])],
  ungroup: ofNames("group", ofGroups),
  getGroupsByClientId: ofIds(),
  getClientIdCountByGroup: [
    ...ofNames("group", ofGroups),
    ...ofOptions("lobby"),
  ],
  batchGetClientIdCountByGroup: [
    ...ofNames("group", ofGroupLists),
    ...NOT_A_LIST("groups"),
  ],
  getClientIdListByGroup: [
    ...ofNames("group", ofGroups),
    ...ofNames("group", ofGroupLists),
    ...ofOptions("lobby"),
  ],
  getClientSessionsByGroup: [
    ...ofNames("group", ofGroups),
    ...ofOptions("lobby"),
  ],
  getUidListByGroup: [
    ...ofNames("group", ofGroups),
    ...ofNames("group", ofGroupLists),
    ...ofOptions("lobby"),
  ],
  getUidCountByGroup: [
    ...ofNames("group", ofGroups),
    ...ofNames("group", ofGroupLists),
    ...ofOptions("lobby"),
  ],
  getAllGroupIdList: ofOptions(),
  getAllGroupUidList: ofOptions(),
  getAllGroupUidCount: ofOptions(),
  getAllGroupClientIdList: ofOptions(),
  getAllGroupClientIdCount: ofOptions(),
  getAllClientIdCount: ofOptions(),
  getAllClientIdList: ofOptions(),
  getAllClientSessions: ofOptions(),
  getAllUidList: ofOptions(),
  getAllUidCount: ofOptions(),
  getSession: ofIds(),
  setSession: ofSessions,
  updateSession: ofSessions,
};

function numbered(_: unknown, index: number): string {
  return `${index}`.padEnd(1_000, "x");
}

Deno.test("every call is tried with bad input", () => {
  const cluster = new ClusterCalls({} as never, 1);
  const calls = [ClusterReads, ClusterCalls]
    .flatMap(({ prototype }) => Object.getOwnPropertyNames(prototype))
    .filter((name) => name !== "constructor")
    .concat(Object.keys(cluster));

  assertEquals(Object.keys(MISTAKES).toSorted(), calls.toSorted());
});

Deno.test("bad input to any call throws at once, and nothing is sent", async () => {
  await using api = await startApiCluster();
  const [, caller, outside] = api.callers;
  const before = await outside.getAllClientSessions();
  for (const [name, mistakes] of Object.entries(MISTAKES)) {
    for (const [args, message] of mistakes) {
      const call = () =>
        void Reflect.apply(Reflect.get(caller, name), caller, args);
      const error = assertThrows(call, Error, message);
      const isOurs = error instanceof TypeError || error instanceof RangeError;
      assertEquals(isOurs, true, `${name}: ${error}`);
    }
  }

  assertEquals(await api.heard(caller), ["", "", "", ""]);
  assertEquals(await outside.getAllClientSessions(), before);
  assertEquals(await outside.getAllUidList(), []);
  assertEquals(await outside.getAllGroupIdList(), []);
});

Deno.test("a name may be as long as is allowed", async () => {
  await using api = await startApiCluster();
  const [a] = api.ids;
  const name = LONG.slice(1);

  await api.arrange({ uids: { [name]: [a] }, groups: { [name]: [a] } });

  assertEquals(await api.api.getClientIdByUid(name), [a]);
  assertEquals(await api.api.getAllGroupIdList(), [name]);
});
