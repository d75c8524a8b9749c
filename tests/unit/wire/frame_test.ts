import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ProtocolError } from "../../../lib/base/errors.ts";
import {
  FrameDecoder,
  FrameHeader,
  HEADER_LENGTH,
  MAX_FRAME,
  readHeader,
  readLength,
  writeHeader,
} from "../../../lib/wire/frame.ts";

interface Frame {
  readonly command: number;
  readonly flags: number;
  readonly deliveries: number;
  readonly connectionId: number;
  readonly number: number;
  readonly body: number[];
}

const FRAMES: readonly Frame[] = [
  frame({ command: 3, connectionId: 1, number: 7, body: [104, 105] }),
  frame({ command: 201 }),
  frame({
    command: 255,
    flags: 255,
    deliveries: 0xffff,
    connectionId: 0xffff_ffff,
    number: 0xffff_ffff,
    body: [0, 255, 0],
  }),
];

const anyFrame: fc.Arbitrary<Frame> = fc.record({
  command: fc.integer({ min: 0, max: 0xff }),
  flags: fc.integer({ min: 0, max: 0xff }),
  deliveries: fc.integer({ min: 0, max: 0xffff }),
  connectionId: fc.integer({ min: 0, max: 0xffff_ffff }),
  number: fc.integer({ min: 0, max: 0xffff_ffff }),
  body: fc.array(fc.integer({ min: 0, max: 0xff }), { maxLength: 40 }),
});

function frame(fields: Partial<Frame>): Frame {
  return {
    command: 0,
    flags: 0,
    deliveries: 0,
    connectionId: 0,
    number: 0,
    body: [],
    ...fields,
  };
}

function encode(frames: readonly Frame[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(frames.flatMap((each) => {
    const bytes = new Uint8Array(HEADER_LENGTH);
    writeHeader(
      new DataView(bytes.buffer),
      0,
      HEADER_LENGTH + each.body.length,
      each.command,
      each.flags,
      each.connectionId,
      each.number,
      each.deliveries,
    );
    return [...bytes, ...each.body];
  }));
}

/** What a header says, without what it is in. */
function fieldsOf({ memory: _, ...fields }: FrameHeader) {
  return fields;
}

/** Decodes chunks as a reader would that keeps what was not taken. */
function decode(chunks: readonly Uint8Array[]): Frame[] {
  const found: Frame[] = [];
  const decoder = new FrameDecoder({
    onFrame: (header, buffer, start, end) =>
      void found.push({
        ...fieldsOf(header),
        body: [...buffer.subarray(start, end)],
      }),
  });
  let kept: number[] = [];
  for (const chunk of chunks) {
    const buffer = new Uint8Array([...kept, ...chunk]);
    const view = new DataView(buffer.buffer);
    const taken = decoder.push(buffer, view, 0, buffer.length);
    kept = [...buffer.subarray(taken)];
  }
  assertEquals(kept, []);
  return found;
}

function lengthOf(value: number): DataView {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, value);
  return view;
}

Deno.test("writeHeader() lays the fields out as the protocol says", () => {
  const bytes = encode([
    frame({
      command: 3,
      flags: 0x05,
      deliveries: 0x0102,
      connectionId: 0x0a0b0c0d,
      number: 0x11121314,
      body: [0x68, 0x69],
    }),
  ]);

  assertEquals(
    bytes.toHex(),
    "00000012" + "03" + "05" + "0102" + "0a0b0c0d" + "11121314" + "6869",
  );
});

Deno.test("readHeader() reads back what writeHeader() wrote, at any offset", () => {
  fc.assert(fc.property(anyFrame, fc.nat(9), ({ body: _, ...fields }, at) => {
    const view = new DataView(new ArrayBuffer(at + HEADER_LENGTH));
    const { command, flags, connectionId, number, deliveries } = fields;
    const length = HEADER_LENGTH;
    writeHeader(
      view,
      at,
      length,
      command,
      flags,
      connectionId,
      number,
      deliveries,
    );
    const header = new FrameHeader();

    readHeader(view, at, header);

    assertEquals(fieldsOf(header), fields);
  }));
});

Deno.test("FrameDecoder.push() tells of frames that come whole", () => {
  assertEquals(decode([encode(FRAMES)]), FRAMES);
});

Deno.test("FrameDecoder.push() tells of frames that come byte by byte", () => {
  const bytes = encode(FRAMES);

  assertEquals(
    decode(Array.from(bytes, (byte) => new Uint8Array([byte]))),
    FRAMES,
  );
});

Deno.test("FrameDecoder.push() tells of frames that are cut at any position", () => {
  const bytes = encode(FRAMES);

  for (let cut = 0; cut <= bytes.length; cut++) {
    assertEquals(decode([bytes.slice(0, cut), bytes.slice(cut)]), FRAMES);
  }
});

Deno.test("FrameDecoder.push() takes nothing until the last byte of a frame is there", () => {
  const bytes = encode([frame({ command: 3, body: [1, 2, 3] })]);
  const decoder = new FrameDecoder({
    onFrame: () => {
      throw new RangeError("told of a frame that is not whole");
    },
  });

  for (let end = 0; end < bytes.length; end++) {
    assertEquals(
      decoder.push(bytes, new DataView(bytes.buffer), 0, end),
      0,
    );
  }
});

Deno.test("FrameDecoder.push() reads a range, and nothing around it", () => {
  const bytes = new Uint8Array([9, 9, ...encode(FRAMES), 9]);
  const found: number[] = [];
  const decoder = new FrameDecoder({
    onFrame: ({ command }) => void found.push(command),
  });

  const end = bytes.length - 1;
  const taken = decoder.push(bytes, new DataView(bytes.buffer), 2, end);

  assertEquals(found, [3, 201, 255]);
  assertEquals(taken, end);
});

Deno.test("FrameDecoder.push() decodes any frames, cut anywhere, as they were encoded", () => {
  const cuts = fc.array(fc.nat(300), { maxLength: 8 });
  fc.assert(fc.property(fc.array(anyFrame), cuts, (frames, places) => {
    const bytes = encode(frames);
    const at = [0, ...places, bytes.length].map((each) =>
      Math.min(each, bytes.length)
    ).sort((a, b) => a - b);
    const chunks = at.slice(1).map((end, index) => bytes.slice(at[index], end));

    assertEquals(decode(chunks), frames);
  }));
});

Deno.test("FrameDecoder.push() throws nothing but ProtocolError, whatever comes", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
    const bytes = new Uint8Array(noise);
    try {
      new FrameDecoder({ onFrame: () => {} })
        .push(bytes, new DataView(bytes.buffer), 0, bytes.length);
    } catch (error) {
      return error instanceof ProtocolError;
    }
    return true;
  }));
});

Deno.test("readLength() accepts the shortest and the longest frame, and none past them", () => {
  assertEquals(readLength(lengthOf(HEADER_LENGTH), 0), HEADER_LENGTH);
  assertEquals(readLength(lengthOf(MAX_FRAME), 0), MAX_FRAME);

  for (const length of [0, HEADER_LENGTH - 1, MAX_FRAME + 1, 0xffff_ffff]) {
    assertThrows(
      () => readLength(lengthOf(length), 0),
      ProtocolError,
      `found ${length}`,
    );
  }
});
