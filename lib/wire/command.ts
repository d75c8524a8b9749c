/**
 * What a frame means. The numbers are wire format (`PROTOCOL.md`): never reuse one.
 * Where GatewayWorker for PHP has the same command, its number is kept.
 */
export const Command = {
  // Client events, gateway to worker; numbered and acknowledged.
  Connect: 1,
  Message: 3,
  Close: 4,
  /** The client's socket is gone; its session is not. */
  Away: 33,
  /** The client has come back to its session. */
  Back: 34,

  // Notices, gateway to worker; neither numbered nor acknowledged.
  /** The client is now yours; carries its state. */
  Bind: 2,
  /** The client's queue was full: its messages were dropped. */
  Slow: 17,
  /** The client is another worker's now. */
  Unbind: 18,
  /** A client of another worker: close it if that one and the gateway are lost. */
  Witness: 19,
  /** That is no longer wanted of a client. */
  Unwitness: 29,
  /** Nobody here has a uid, or is in a group: send nothing for it. */
  Absent: 30,
  /** Somebody has it now: to be answered with an empty reply. */
  Present: 31,
  /** Nothing was heard of you for too long: your clients are other workers' now. */
  GivenUp: 32,
  /** Nobody waits for the answer to a request any more; number 0 means all of the client's. */
  Cancel: 37,
  /** Of which trace the client's event of that number is, or the next command. */
  Trace: 64,
  /** Gateway to whoever taps: a frame. */
  TapRow: 66,

  // Presence; see `presence_view.ts` and `presence_rows.ts`.
  /** Worker to gateway: which names it watches. */
  PresenceWatch: 48,
  /** Gateway to worker: which workers it knows; again, without them, when all is said. */
  PresenceView: 49,
  /** Both ways: users of names. */
  PresenceRows: 50,
  /** Worker to gateway: nothing of what a view gave to others is told here any more. */
  PresenceRelease: 51,
  /** Somebody says something to this worker: to be answered with whether it took it. */
  Notice: 61,

  // Between a bridge and the nodes of its cell; see `lib/bridge`.
  /** Bridge to worker: for which shards it is active. */
  Shards: 46,
  /** Worker to bridge: a command for gateways of other cells. */
  Cross: 45,
  /** Bridge to gateway: numbered commands of another cell. */
  Deliver: 47,
  /** The same, with the origin of each and its number there. */
  DeliverOnce: 76,
  /** Worker to bridge: under which origin it numbers what wants no answer. */
  Origin: 77,
  /** Bridge to worker: what it has numbered for a shard has come, up to a number. */
  Crossed: 78,

  // Commands, worker to gateway. A request id other than 0 asks for a reply.
  SendToOne: 5,
  SendToAll: 6,
  CloseClient: 7,
  DestroyClient: 8,
  UpdateSession: 9,
  /** Asks for rows of clients; see `query.ts`. */
  SelectClients: 10,
  IsOnline: 11,
  BindUid: 12,
  UnbindUid: 13,
  SendToUid: 14,
  JoinGroup: 20,
  LeaveGroup: 21,
  SendToGroup: 22,
  /** Asks for clients as an operator sees them; see `connection_list.ts`. */
  ListConnections: 23,
  CountClients: 24,
  /** Asks for rows of uids or groups; see `query.ts`. */
  SelectNames: 26,
  Ungroup: 27,
  /** Asks who is in a group, or has a uid; see `presence.ts`. */
  SelectPresence: 52,
  /** What a client's user says of itself. */
  SetPresence: 53,
  /** Asks which workers have labels; see `notice.ts`. */
  SelectWorkers: 62,
  /** Says something to workers. */
  ToWorkers: 60,
  /** Changes how long a client may be away. */
  SetWindow: 35,
  /** Nobody of a uid, a range of addresses or a token may come in; or may again. */
  RefuseClients: 56,
  /** Who may not come in: a notice in both directions, and a question to a gateway. */
  Refusals: 57,
  /** Asks clients something, and collects what they answer. */
  Ask: 36,
  /** Shows frames of some clients as long as the link lasts. */
  Tap: 65,
  /** Nobody waits for further answers to one of these. */
  EndAsk: 41,
  GetSession: 203,
  SetSession: 204,
  /** Keys that a handler changed, with the version that it saw. */
  SaveSession: 206,
  /** Closes all clients of a uid. */
  CloseUid: 221,
  /** Closes the clients of a uid that were bound to it earlier than another one. */
  ReplaceUid: 222,

  // Between gateways; see `claim.ts`.
  /** May a session that is there be had? Nothing happens to it yet. */
  Claim: 38,
  /** It is to come over now. */
  Settle: 39,
  /** Notice of its old gateway: what a worker still had of its events is done, or lost. */
  OldEvents: 40,
  /** Notice of its new gateway: whether it has the session. */
  ClaimEnd: 42,
  /** What a client has posted here, and its stream is there. */
  StrayPost: 70,

  // The life of a link.
  Hello: 200,
  Ping: 201,
  Pong: 202,
  Challenge: 210,
  Proof: 211,
  Welcome: 212,
  Refuse: 213,
  /** All events up to a number are done. */
  Acknowledge: 214,
  /** One event takes long; version 2's way to say it. */
  Defer: 215,
  /** An event that was deferred by its number on the link is done. */
  Release: 216,
  /** A client's events up to one take long: the window goes on without them. */
  DeferUpTo: 224,
  /** A client's deferred events up to one are done. */
  ReleaseUpTo: 225,
  /** The worker is leaving: send it nothing new. */
  Drain: 217,
  /** Nothing new will come on this link: the answer to a drain. */
  Drained: 218,
  Reply: 219,
  /** The gateway is stopping and has raised all its events. */
  Leave: 220,
  /** Nothing more comes from this side: close the connection when all is taken. */
  Bye: 223,
} as const;

/** One of the numbers in {@linkcode Command}. */
export type Command = typeof Command[keyof typeof Command];

/** Says whether a command is a client event, which is numbered and acknowledged. */
export function isEvent(command: number): boolean {
  return command === Command.Message || command === Command.Connect ||
    command === Command.Close || command === Command.Away ||
    command === Command.Back;
}
