import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { identityOf, parseNatsUrl } from "../../../lib/nats/nats_options.ts";

Deno.test("parseNatsUrl() takes an address apart, with or without a scheme, port and user", () => {
  const plain = { isTls: false, user: undefined, password: undefined };

  assertEquals(parseNatsUrl("10.0.0.5"), {
    ...plain,
    address: "10.0.0.5:4222",
  });
  assertEquals(parseNatsUrl("nats://n1.example:4333"), {
    ...plain,
    address: "n1.example:4333",
  });
  assertEquals(parseNatsUrl("tls://[fd00::1]"), {
    ...plain,
    address: "[fd00::1]:4222",
    isTls: true,
  });
  assertEquals(parseNatsUrl("nats://b%40b:s%3Acret@n1"), {
    address: "n1:4222",
    isTls: false,
    user: "b@b",
    password: "s:cret",
  });
});

Deno.test("parseNatsUrl() never repeats who was to log in", () => {
  for (const text of ["http://bob:secret@host", "nats://bob:secret@", "//:x"]) {
    const { message } = assertThrows(() => parseNatsUrl(text), TypeError);

    assert(!message.includes("secret"), message);
  }
});

Deno.test("identityOf() knows each way to log in, and refuses two at once", async () => {
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, "hush\n");
  const nats = "nats://host";
  const of = (options: object, url = nats) =>
    identityOf({ nats: url, ...options }, [parseNatsUrl(url)]);

  assertEquals(await of({}), { kind: "nobody" });
  assertEquals(await of({ natsCreds: "c" }), { kind: "creds", file: "c" });
  assertEquals(await of({ natsNkey: "n" }), { kind: "nkey", file: "n" });
  assertEquals(await of({ natsTokenFile: file }), {
    kind: "token",
    token: "hush",
  });
  assertEquals(await of({ natsUser: "ann", natsPasswordFile: file }), {
    kind: "user",
    user: "ann",
    password: "hush",
  });
  assertEquals(await of({}, "nats://ann:pw@host"), {
    kind: "user",
    user: "ann",
    password: "pw",
  });
  assertEquals(await of({}, "nats://t0ken@host"), {
    kind: "token",
    token: "t0ken",
  });
  const { message } = await assertRejects(
    () => of({ natsCreds: "c" }, "nats://ann:pw@host"),
    TypeError,
    "two ways",
  );
  assert(!message.includes("pw"), message);
  await Deno.remove(file);
});
