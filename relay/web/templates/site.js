// Pages work without this; with it they are quicker to use. Nothing is loaded from elsewhere, nothing is kept.
"use strict";

// Buttons that only a script can serve appear when there is one.
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    const label = button.textContent;
    button.textContent = "✓";
    setTimeout(() => { button.textContent = label; }, 1500);
  });
}

// In the way about, and among tabs, the page that one is on is in view.
for (const here of document.querySelectorAll(".top nav [aria-current], .tabs [aria-current]")) {
  const room = here.closest("nav"), its = here.getBoundingClientRect(), all = room.getBoundingClientRect();
  room.scrollLeft += its.left - all.left - (all.width - its.width) / 2;
}

// One menu is open at a time; Escape and a click beside it close it.
const menus = () => document.querySelectorAll("details.menu[open]");
document.addEventListener("click", (event) => {
  for (const menu of menus()) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of menus()) { menu.open = false; menu.querySelector("summary").focus(); }
});

// Lists by keyboard: j and k move, o or Enter opens, / goes to the search box. A list says data-keys, its rows data-row.
const typing = (target) => target.matches("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
const opens = (row) => row.querySelector("a[data-open]") || row.querySelector("a");
const rows = () => [...document.querySelectorAll("[data-keys] [data-row]")];
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (event.key === "/") {
    const box = document.querySelector("[type=search]");
    if (box) { event.preventDefault(); box.focus(); box.select(); }
    return;
  }
  const all = rows();
  const here = all.findIndex((row) => row.hasAttribute("aria-current"));
  if (event.key === "j" || event.key === "k") {
    if (!all.length) return;
    const next = Math.min(all.length - 1, Math.max(0, here < 0 ? 0 : here + (event.key === "j" ? 1 : -1)));
    if (here >= 0) all[here].removeAttribute("aria-current");
    all[next].setAttribute("aria-current", "true");
    all[next].scrollIntoView({ block: "nearest" });
    (opens(all[next]) || all[next]).focus({ preventScroll: true });
  } else if (event.key === "o" && here >= 0) {
    const link = opens(all[here]);
    if (link) link.click();
  } else if (here >= 0 || document.querySelector("[data-keys]")) {
    // Further keys press what says data-key, first in the row, then on the page.
    const scope = here >= 0 ? all[here] : document;
    const pressed = scope.querySelector(`[data-key="${CSS.escape(event.key)}"]`) || document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (pressed) { event.preventDefault(); pressed.click(); if (pressed.matches("input, textarea")) pressed.focus(); }
  }
});

// Counts that stay up to date: data-live names where they come from, data-count which of them is shown.
for (const list of document.querySelectorAll("[data-live]")) {
  setInterval(async () => {
    if (document.hidden) return;
    const answer = await fetch(list.dataset.live, { headers: { accept: "application/json" } }).catch(() => null);
    if (!answer || !answer.ok) return;
    const counts = await answer.json();
    for (const place of document.querySelectorAll("[data-count]")) {
      const count = counts[place.dataset.count];
      if (count !== undefined) place.textContent = String(count);
    }
  }, 15000);
}

// "Tick all" for a list of boxes with that name.
for (const all of document.querySelectorAll("[data-ticks]")) {
  all.closest(".no-script, [hidden]")?.removeAttribute("hidden");
  all.addEventListener("change", () => {
    for (const one of document.querySelectorAll(`input[type=checkbox][name="${CSS.escape(all.dataset.ticks)}"]`)) one.checked = all.checked;
  });
}


// Pages that show how something stands are loaded anew when that has changed: data-fresh names where the state comes from.
for (const place of document.querySelectorAll("[data-fresh]")) {
  setInterval(async () => {
    if (document.hidden) return;
    const answer = await fetch(place.dataset.fresh).catch(() => null);
    if (answer && answer.ok && (await answer.text()) !== place.dataset.state) location.reload();
  }, 15000);
}
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// The line that marks the present moves, and says the time in the zone of the calendar: data-now names it. A day says from when to
// when its hours are.
const lines = [...document.querySelectorAll("[data-now]")];
const moveLines = () => {
  const now = Date.now();
  for (const line of lines) {
    const from = Date.parse(line.dataset.from), until = Date.parse(line.dataset.until);
    line.hidden = now < from || now >= until;
    if (line.hidden) continue;
    line.style.gridRow = "auto";
    line.style.marginTop = "";
    line.style.top = `${((now - from) / (until - from)) * 100}%`;
    const time = line.querySelector("[data-now-time]");
    time.dateTime = new Date(now).toISOString();
    time.textContent = new Date(now).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: line.dataset.now || undefined });
    // One below the other it stands before the first that is still to come.
    const next = [...line.parentElement.children].find((one) => one !== line && Date.parse(one.querySelector("time").dateTime) > now);
    if (line.nextElementSibling !== (next || null)) line.parentElement.insertBefore(line, next || null);
  }
};
if (lines.length) { moveLines(); setInterval(moveLines, 30000); }

// A page that shows times of another zone than this device's offers to show them in this one's.
for (const offer of document.querySelectorAll("[data-zone]")) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone || zone === offer.dataset.zone) continue;
  const address = new URL(location.href);
  address.searchParams.set("zone", zone);
  offer.href = address.search;
  offer.hidden = false;
}

// Parts of a page that stay up to date: data-renewed says after how many seconds the page is asked for again; what changed in it takes
// the part's place, unless somebody is in it with the keyboard.
for (const part of document.querySelectorAll("[data-renewed][id]")) {
  setInterval(async () => {
    if (document.hidden || document.getElementById(part.id).contains(document.activeElement)) return;
    const answer = await fetch(location.href, { headers: { accept: "text/html" } }).catch(() => null);
    if (!answer || !answer.ok) return;
    const anew = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(part.id);
    const here = document.getElementById(part.id);
    if (anew && anew.innerHTML !== here.innerHTML) here.replaceChildren(...anew.childNodes);
  }, part.dataset.renewed * 1000);
}

// A form that shows what it comes to while one types: data-preview names who reckons, data-preview-into where it is shown.
for (const form of document.querySelectorAll("form[data-preview]")) {
  const place = document.getElementById(form.dataset.previewInto);
  let waiting = 0, newest = 0;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const mine = ++newest;
      const answer = await fetch(form.dataset.preview, { method: "POST", body: new FormData(form) }).catch(() => null);
      if (!answer || !answer.ok) return;
      const text = await answer.text();
      if (mine === newest) place.innerHTML = text;
    }, 300);
  });
}

// What takes a moment is fetched after the page: data-lazy names a piece of a page of ours, which takes the place of what is there.
for (const place of document.querySelectorAll("[data-lazy]")) {
  fetch(place.dataset.lazy).then(async (answer) => {
    if (!answer.ok || answer.redirected) return;
    const piece = new DOMParser().parseFromString(await answer.text(), "text/html");
    place.replaceChildren(...piece.body.childNodes);
  }).catch(() => {});
}

// A file can be dropped where it could be chosen: data-drop holds the field.
for (const place of document.querySelectorAll("[data-drop]")) {
  const input = place.querySelector("input[type=file]");
  place.addEventListener("dragover", (event) => { event.preventDefault(); place.classList.add("over"); });
  place.addEventListener("dragleave", () => place.classList.remove("over"));
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    place.classList.remove("over");
    if (event.dataTransfer.files.length) { input.files = event.dataTransfer.files; input.focus(); }
  });
}

// The row that an address leads to is the present one of its list.
const target = document.querySelector("[data-keys] [data-row]:target");
if (target) target.setAttribute("aria-current", "true");
