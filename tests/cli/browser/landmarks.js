const wrong = [], all = (selector) => [...document.querySelectorAll(selector)];
for (const [selector, count] of [["body > header", 1], ["main", 1], ["body > footer", 1], ["nav[aria-label]", 1], ["h1", 1]])
  if (all(selector).length !== count) wrong.push(`${selector}: ${all(selector).length}`);
if (!document.documentElement.lang || !document.title) wrong.push("no language or title");
if (document.querySelector(".skip").getAttribute("href") !== "#main") wrong.push("no way past the header");
let level = 0;
for (const one of all("h1, h2, h3, h4, h5")) {
  const now = Number(one.tagName[1]);
  if (now > level + 1) wrong.push(`${one.tagName} behind H${level}: ${one.textContent}`);
  level = now;
}
const ids = all("[id]").map((one) => one.id);
if (new Set(ids).size !== ids.length) wrong.push("an id twice");
for (const one of all("a[href^='#']"))
  if (!document.getElementById(one.getAttribute("href").slice(1))) wrong.push(`leads nowhere: ${one.getAttribute("href")}`);
for (const one of all("button, a, input, summary")) {
  const name = one.getAttribute("aria-label") || one.textContent.trim() || one.closest("label")?.textContent.trim();
  if (!name) wrong.push(`no name: ${one.outerHTML.slice(0, 80)}`);
}
for (const one of all("[aria-labelledby]"))
  if (!document.getElementById(one.getAttribute("aria-labelledby"))) wrong.push("labelled by nothing");
for (const one of all("table")) if (!one.querySelector("th[scope]")) wrong.push("a table without heads");
for (const one of all("[style]")) wrong.push(`a style of its own: ${one.tagName}`);
return wrong;
