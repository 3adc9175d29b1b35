// A client's own tests with vitest: what it makes of challenges, as `countersign clients measure` sees it. COUNTERSIGN says
// where the command is, if it is not on PATH.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const countersign = process.env.COUNTERSIGN ?? "countersign";
// The client under test: it sends Basic unasked.
const client =
  "const [url, user, password] = process.argv.slice(1);" +
  "const authorization = 'Basic ' + btoa(user + ':' + password);" +
  "fetch(url, { headers: { authorization } }).then((answer) => process.exit(answer.ok ? 0 : 1));";
const layouts = { "Basic alone": { lines: ['Basic realm="x"'] }, "Bearer alone": { lines: ['Bearer realm="x"'] } };

const folder = mkdtempSync(join(tmpdir(), "layouts-"));
const seen = {};

beforeAll(() => {
  const cases = join(folder, "cases.json");
  writeFileSync(cases, JSON.stringify(layouts));
  const command = ["clients", "measure", "--json", "--layouts", cases, "--", process.execPath, "-e", client];
  const lines = execFileSync(countersign, [...command, "{url}", "{user}", "{password}"], { encoding: "utf8" });
  for (const line of lines.trim().split("\n").map(JSON.parse)) seen[line.case] = line;
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true }));

test.each(Object.keys(layouts))("it gets in where there is %s", (layout) => {
  expect(seen[layout]).toMatchObject({ final_status: 200, schemes_sent: ["Basic"] });
});
