/** What PHP itself writes and reads, and what we do: one process answers many cases. @module */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { toJs } from "../../../lib/php/convert.ts";
import {
  listOf,
  MAX_INT,
  MIN_INT,
  PhpFloat,
  PhpOpaque,
  type PhpValue,
} from "../../../lib/php/php_value.ts";
import { serialize } from "../../../lib/php/serialize.ts";
import { bytesOf, textOf } from "../../../lib/php/text.ts";
import { unserialize } from "../../../lib/php/unserialize.ts";

const SEED = 20_261_127;

/** Says each value back as PHP reads it; `-` for what is none. */
const ECHO = `
  ini_set("serialize_precision", "-1");
  error_reporting(0);
  while (($line = fgets(STDIN)) !== false) {
    $bytes = hex2bin(trim($line));
    $value = unserialize($bytes, ["allowed_classes" => false]);
    $isFalse = $value === false && $bytes !== "b:0;";
    echo $isFalse ? "-" : bin2hex(serialize($value)), "\\n";
  }`;

/** Makes values that PHP has, and tells what JSON they are. */
const MAKE = `
  class Foo { public $a = 1; protected $b = [1.5]; private $c; }
  enum Suit: string { case Hearts = "h"; }
  mt_srand(20261127);
  function text() {
    $text = "";
    for ($i = mt_rand(0, 6); $i > 0; $i--) $text .= mb_chr([65, 34, 59, 0, 233, 8364, 128512][mt_rand(0, 6)]);
    return $text;
  }
  function make($depth) {
    switch (mt_rand(0, $depth > 3 ? 6 : 9)) {
      case 0: return null;
      case 1: return mt_rand(0, 1) === 1;
      case 2: return mt_rand(-100, 100);
      case 3: return [PHP_INT_MAX, PHP_INT_MIN, 9007199254740993, -9007199254740991][mt_rand(0, 3)];
      case 4: return [0.1, -0.0, 1.0, 1e17, 1e16, 1e100, 1.5e-7, 1e-4, 9.2233720368547758e18, mt_rand() / 7][mt_rand(0, 9)];
      case 5: case 6: return text();
      default:
        $array = [];
        for ($i = mt_rand(0, 4); $i > 0; $i--) {
          $key = mt_rand(0, 3);
          $value = make($depth + 1);
          if ($key === 0) $array[] = $value;
          elseif ($key === 1) $array[mt_rand(-3, 3)] = $value;
          elseif ($key === 2) $array["0" . mt_rand(0, 9)] = $value;
          else $array[text()] = $value;
        }
        return $array;
    }
  }
  for ($i = 0; $i < 400; $i++) {
    ini_set("serialize_precision", $i % 2 ? "17" : "-1");
    $value = make(0);
    $bytes = bin2hex(serialize($value));
    ini_set("serialize_precision", "-1");
    echo $bytes, " ", bin2hex(serialize($value)), " ", bin2hex(json_encode($value)), "\\n";
  }
  $one = [1];
  $shared = [&$one, &$one];
  $self = new Foo; $self->a = $self;
  foreach ([new Foo, Suit::Hearts, $shared, [$self, $self], new ArrayObject([1]), [new DateTime("@0")], new SplObjectStorage] as $value) {
    $bytes = bin2hex(serialize(["k" => $value]));
    echo $bytes, " ", $bytes, " -\\n";
  }`;

/** Runs a program in PHP; `undefined` where there is no PHP. */
async function php(code: string, input = ""): Promise<string[] | undefined> {
  try {
    const child = new Deno.Command("php", {
      args: ["-d", "memory_limit=256M", "-r", code],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const output = child.output();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(input));
    await writer.close();
    const { stdout } = await output;
    return new TextDecoder().decode(stdout).trimEnd().split("\n");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

const lack = await php("") === undefined;

if (lack) {
  // deno-lint-ignore no-console -- whoever runs the tests is to know what did not run
  console.warn("Skipped what PHP itself says: the program php is missing");
}

const int = fc.bigInt({ min: MIN_INT, max: MAX_INT }).map((value) =>
  Number.isSafeInteger(Number(value)) ? Number(value) : value
);

const bytesText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.uint8Array({ maxLength: 12 }).map(textOf),
  fc.constantFrom("7", "07", "-0", "-7", "9223372036854775808", ""),
);

const { value: anyValue } = fc.letrec<{ value: PhpValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    int,
    fc.double().map((value) => new PhpFloat(value)),
    bytesText,
    fc.array(tie("value"), { maxLength: 4 }).map(listOf),
    fc.array(fc.tuple(bytesText, tie("value")), { maxLength: 4 }).map((
      entries,
    ) => new Map(entries)),
  ),
}));

/** Changes a byte or two of serialized values, or cuts them. */
const damaged = fc.tuple(
  anyValue.map(serialize),
  fc.array(
    fc.tuple(fc.nat(200), fc.constantFrom(...bytesOf('0129:;{}"sidbaNO-.E'))),
    {
      minLength: 1,
      maxLength: 2,
    },
  ),
  fc.nat(200),
).map(([bytes, changes, cut]) => {
  const changed = bytes.slice(0, cut % 4 === 0 ? cut : undefined);
  for (const [at, byte] of changes) {
    if (changed.length > 0) changed[at % changed.length] = byte;
  }
  return changed;
});

Deno.test({
  name: "what we write, PHP reads and writes in the same way",
  ignore: lack,
  fn: async () => {
    const values = fc.sample(anyValue, { numRuns: 1_000, seed: SEED });
    const written = values.map((value) => serialize(value).toHex());
    const back = await php(ECHO, `${written.join("\n")}\n`);
    assertEquals(back, written);
    for (const [i, value] of values.entries()) {
      assertEquals(unserialize(Uint8Array.fromHex(written[i] ?? "")), value);
    }
  },
});

Deno.test({
  name: "what PHP writes, we read, and write in the same way",
  ignore: lack,
  fn: async () => {
    const lines = await php(MAKE) ?? [];
    assertEquals(lines.length, 407);
    for (const line of lines) {
      const [bytes = "", short = "", json = ""] = line.split(" ");
      const value = unserialize(Uint8Array.fromHex(bytes));
      assertEquals(serialize(value).toHex(), short);
      if (json === "-") {
        assert(value instanceof Map && [...value.values()].some(isOpaque));
      } else if (json !== "") {
        const said = JSON.parse(textOf(Uint8Array.fromHex(json)));
        assertEquals(throughJson(value), JSON.parse(JSON.stringify(said)));
      }
    }
  },
});

Deno.test({
  name:
    "what is no value to PHP is none to us, and what we read of the rest is the same",
  ignore: lack,
  fn: async () => {
    const inputs = fc.sample(damaged, { numRuns: 3_000, seed: SEED })
      .filter((bytes) => !/[OCERr]:/.test(textOf(bytes)));
    const lines = inputs.map((bytes) => bytes.toHex());
    const answers = await php(ECHO, `${lines.join("\n")}\n`) ?? [];
    let read = 0;
    for (const [i, bytes] of inputs.entries()) {
      let value: PhpValue;
      try {
        value = unserialize(bytes);
      } catch {
        continue;
      }
      read++;
      assertEquals(serialize(value).toHex(), answers[i], textOf(bytes));
    }
    assert(read > 100, `only ${read} of ${inputs.length} were read`);
  },
});

function isOpaque(value: PhpValue): boolean {
  return value instanceof PhpOpaque ||
    (value instanceof Map && [...value.values()].some(isOpaque));
}

/** What JSON says of a value: all numbers are doubles there, and empty arrays are lists. */
function throughJson(value: PhpValue): unknown {
  return JSON.parse(
    JSON.stringify(
      toJs(value),
      (_, item) => typeof item === "bigint" ? Number(item) : item,
    ),
  );
}
