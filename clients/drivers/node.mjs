// Plays one request by one of Node.js's HTTP clients: node.mjs MODE URL USER PASSWORD.
// The status goes to standard output; the exit code is 0 for a 2xx, 1 for any other answer, 2 where there was none.

const [mode, url, user, password] = process.argv.slice(2);
const basic = "Basic " + Buffer.from(`${user}:${password}`).toString("base64");

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

const modes = {
  "nodefetch-header": async () => (await fetch(url, { headers: { authorization: basic } })).status,
  "nodefetch-url": async () => (await fetch(withUser())).status,
  "nodehttp-auth": () => plain({ auth: `${user}:${password}` }),
  "axios-auth": async () => {
    const { default: axios } = await import("axios");
    const given = { auth: { username: user, password }, validateStatus: () => true };
    return (await axios.get(url, given)).status;
  },
  "got-auth": async () => {
    const { default: got } = await import("got");
    return (await got(url, { username: user, password, throwHttpErrors: false, retry: { limit: 0 } })).statusCode;
  },
};

try {
  const status = await modes[mode]();
  console.log(status);
  process.exitCode = status >= 200 && status < 300 ? 0 : 1;
} catch (error) {
  console.error(String(error));
  process.exitCode = 2;
}
