"use strict";
(() => {
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  for (const one of all("[data-script]")) one.hidden = false;

  // Copying.
  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      return done;
    }
  };
  for (const one of all(".command")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.setAttribute("aria-live", "polite");
    button.addEventListener("click", async () => {
      const done = await copy(one.querySelector("code").textContent);
      button.textContent = done ? "Copied" : "Select it and copy";
      button.focus();
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
    one.append(button);
  }

  // What is linked to stands open.
  const open = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let one = target; one; one = one.parentElement) if (one.tagName === "DETAILS") one.open = true;
    if (target) target.scrollIntoView();
  };
  addEventListener("hashchange", open);
  open();
  for (const [name, value] of [["open", true], ["close", false]])
    for (const button of all(`[data-${name}]`))
      button.addEventListener("click", () => {
        const section = document.getElementById(button.dataset[name]);
        for (const one of all("details[data-find]", section)) one.open = value;
      });

  // Filtering by words; by boxes the style does it.
  const search = document.querySelector("[data-filter]");
  if (!search) return;
  const rows = all("[data-row]");
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const count = document.querySelector("[data-count]");
  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    rows.forEach((row, at) => { row.hidden = !words.every((word) => texts[at].includes(word)); });
    const visible = (row) => getComputedStyle(row).display !== "none";
    for (const group of all("[data-group]")) group.hidden = !all("[data-row]", group).some(visible);
    const shown = rows.filter(visible).length;
    count.textContent = shown === rows.length ? `All ${rows.length} shown` : `${shown} of ${rows.length} shown`;
  };
  search.addEventListener("input", filter);
  for (const box of all("[type=checkbox]", search.form)) box.addEventListener("change", filter);
  search.form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName)) return;
    event.preventDefault();
    search.focus();
  });
  filter();
})();
