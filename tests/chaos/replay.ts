/**
 * Judges a journal again: `deno run -A tests/chaos/replay.ts JOURNAL`. With a name
 * after it, prints what the journal says of that connection.
 *
 * @module
 */
import { Checker } from "./checker.ts";
import { JournalReader, type JournalRecord } from "./journal.ts";

const encoder = new TextEncoder();

function isAbout(record: JournalRecord, name: string, ids: Set<string>) {
  if (record.kind === "mark") return true;
  if (record.kind === "begin" && record.name === name) ids.add(record.clientId);
  return "name" in record && record.name === name ||
    "clientId" in record && ids.has(record.clientId);
}

function main([path = "", name]: string[]): void {
  using reader = new JournalReader(path);
  const checker = new Checker();
  const ids = new Set<string>();
  const lines: string[] = [];
  for (const record of reader.read()) {
    checker.take(record);
    if (name === undefined || !isAbout(record, name, ids)) continue;
    lines.push(JSON.stringify(record));
  }
  checker.finish();
  for (const { rule, who, detail } of checker.findings.list) {
    if (name === undefined || who === name) {
      lines.push(`${rule}: ${who}: ${detail}`);
    }
  }
  Deno.stdout.writeSync(encoder.encode(`${lines.join("\n")}\n`));
}

if (import.meta.main) main(Deno.args);
