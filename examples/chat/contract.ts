import { contract } from "@gatewayworker/core/contract";
import { z } from "zod";

/** Most characters in a name, a room's name, a message and a message's key. */
const LIMITS = { name: 24, room: 32, text: 2_000, key: 64 } as const;

/** Control characters; a message keeps its tabs and line breaks. */
const CONTROLS = /(?![\t\n])\p{Cc}/gu;

/** What turns the text around that follows a name, wherever it is shown. */
const BIDI_CONTROLS = /\p{Bidi_Control}/gu;

/** Something that can be seen. */
const VISIBLE = /[^\s\p{Default_Ignorable_Code_Point}]/u;

/** Text without outer blanks, within its limit. */
function text(limit: number) {
  return z.string().max(2 * limit)
    .transform((it) => it.toWellFormed().replace(CONTROLS, "").trim())
    .pipe(z.string().min(1).max(limit));
}

/** What is shown within other text: one line, and one direction. */
function line(limit: number) {
  return text(limit)
    .transform((it) =>
      it.replace(BIDI_CONTROLS, "").replace(/\s+/g, " ").trim()
    )
    .pipe(z.string().regex(VISIBLE));
}

/** Something that was said; its key is its sender's, so that it counts once. */
export const said = z.object({
  key: z.string(),
  /** Who said it. */
  id: z.string(),
  name: z.string(),
  room: z.string(),
  text: z.string(),
  /** Milliseconds since 1970. */
  time: z.number(),
});

/** Something that was said. */
export type Said = z.infer<typeof said>;

/** What the page and the handler say to each other. */
export const chat = contract({
  calls: {
    /** Come, go to another room, or take another name. */
    enter: {
      in: z.object({
        name: line(LIMITS.name),
        room: line(LIMITS.room),
        /** What was said there later than this is told; all that is known by default. */
        since: z.number().default(0),
        /** Known to one page alone: whoever comes back with it is the same person. */
        secret: text(LIMITS.key).optional(),
      }),
      out: z.object({
        id: z.string(),
        talk: z.array(said),
        /** Whether that is all. */
        isWhole: z.boolean(),
      }),
    },
    say: { in: z.object({ key: text(LIMITS.key), text: text(LIMITS.text) }) },
    typing: {},
  },
  events: {
    said,
    typing: z.object({ id: z.string(), room: z.string() }),
  },
});
