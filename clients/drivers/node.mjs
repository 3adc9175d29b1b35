// Plays requests by one of Node.js's HTTP clients.
// node.mjs MODE URL USER PASSWORD plays one: the status goes to standard output; the exit code is 0 for a 2xx, 1 for any
// other answer, 2 where there was none. node.mjs MODE --plays FILE plays those of a file, in which each line is a JSON list
// of what stands behind MODE, and writes a line for each: `countersign-play NUMBER CODE STATUS`.

import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";

let url, user, password, token, basic;

async function plain(options) {
  const http = await import("node:http");
  return new Promise((resolve, reject) => {
    const { hostname, port, pathname } = new URL(url);
    http
      .get({ hostname, port, path: pathname, ...options }, (answer) => {
        answer.resume();
        answer.on("end", () => resolve(answer.statusCode));
      })
      .on("error", reject);
  });
}

function withUser() {
  const named = new URL(url);
  named.username = user;
  named.password = password;
  return named.href;
}

// A package, be it where Node.js looks for modules, or in a folder of NODE_PATH, where it looks for no module by itself.
async function load(name, part = ".") {
  for (const folder of (process.env.NODE_PATH ?? "").split(delimiter).filter(Boolean)) {
    const described = join(folder, name, "package.json");
    if (!existsSync(described)) continue;
    const { exports, main } = JSON.parse(readFileSync(described, "utf8"));
    let entry = exports?.[part] ?? exports?.["./*"] ?? exports ?? main ?? "index.js";
    while (typeof entry === "object") entry = entry.import ?? entry.default;
    return import(pathToFileURL(join(folder, name, entry.replace("*", part.slice(2)))));
  }
  return import(join(name, part));
}

// The SDK of MCP: the status of the last answer of the server itself, whatever became of the answer.
async function mcp(given) {
  const { StreamableHTTPClientTransport } = await load("@modelcontextprotocol/sdk", "./client/streamableHttp.js");
  const { Client } = await load("@modelcontextprotocol/sdk", "./client/index.js");
  let status;
  const noted = async (asked, options) => {
    const answer = await fetch(asked, options);
    if (String(asked) === url) status = answer.status;
    return answer;
  };
  const client = new Client({ name: "client", version: "1.0.0" });
  const transport = new StreamableHTTPClientTransport(new URL(url), { fetch: noted, ...given });
  try {
    await client.connect(transport, { timeout: 5000 });
  } catch (error) {
    if (status === undefined) throw error;
  }
  await client.close();
  return status;
}

// Who has a token or none, and nobody to log in.
function provider(tokens) {
  return {
    redirectUrl: "http://127.0.0.1:9/back",
    clientMetadata: { client_name: "client", redirect_uris: ["http://127.0.0.1:9/back"] },
    clientInformation: () => undefined,
    saveClientInformation() {},
    tokens: () => tokens,
    saveTokens() {},
    redirectToAuthorization() {
      throw new Error("nobody is there to log in");
    },
    saveCodeVerifier() {},
    codeVerifier: () => "",
  };
}

const modes = {
  "nodefetch-header": async () => (await fetch(url, { headers: { authorization: basic } })).status,
  "nodefetch-url": async () => (await fetch(withUser())).status,
  "nodehttp-auth": () => plain({ auth: `${user}:${password}` }),
  "axios-auth": async () => {
    const { default: axios } = await load("axios");
    const given = { auth: { username: user, password }, validateStatus: () => true };
    return (await axios.get(url, given)).status;
  },
  "undicirequest-url": async () => (await (await load("undici")).default.request(withUser())).statusCode,
  "undici-fetch-url": async () => (await (await load("undici")).default.fetch(withUser())).status,
  "got-auth": async () => {
    const { default: got } = await load("got");
    return (await got(url, { username: user, password, throwHttpErrors: false, retry: { limit: 0 } })).statusCode;
  },
  "mcp-ts-header": () => mcp({ requestInit: { headers: { authorization: basic } } }),
  "mcp-ts-notoken": () => mcp({ authProvider: provider(undefined) }),
  "mcp-ts-token": () => mcp({ authProvider: provider({ access_token: token, token_type: "Bearer" }) }),
};

// The exit code, and the status or what went wrong.
async function play(mode, given) {
  [url, user, password, token] = given;
  basic = "Basic " + Buffer.from(`${user}:${password}`).toString("base64");
  try {
    const status = await modes[mode]();
    return [status >= 200 && status < 300 ? 0 : 1, status];
  } catch (error) {
    return [2, String(error)];
  }
}

const [mode, ...given] = process.argv.slice(2);
if (given[0] === "--plays") {
  const plays = readFileSync(given[1], "utf8").split("\n").filter(Boolean);
  for (const [number, line] of plays.entries()) {
    const [code, said] = await play(mode, JSON.parse(line));
    console.log("countersign-play", number, code, String(said).replace(/\s+/g, " "));
  }
  // Connections that are kept would have it wait.
  process.exit(0);
}
const [code, said] = await play(mode, given);
(code === 2 ? console.error : console.log)(said);
process.exitCode = code;
