// What the pages cannot do by themselves: keys, dropped files, the page that follows the text. No part of it is needed
// to save, approve or post: those are forms.
"use strict";

const $ = (selector, root = document) => root.querySelector(selector);
const typing = (element) => element.closest("input, textarea, select, [contenteditable]");

// Each window has a name of its own, so that the desk can tell when it is open in two.
const foot = $(".foot"), name = sessionStorage.getItem("window") || crypto.randomUUID();
sessionStorage.setItem("window", name);
foot.setAttribute("hx-get", `${foot.getAttribute("hx-get")}&window=${name}`);

// Keys: whatever carries data-key is pressed, or gets the focus where it is a field.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const wanted = [...document.querySelectorAll("[data-key]")].find((each) => each.dataset.key === event.key.toLowerCase());
  if (!wanted || wanted.disabled) return;
  event.preventDefault();
  if (wanted.matches("input")) wanted.focus();
  else wanted.click();
});
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) document.getElementById(opener.dataset.open).showModal();
  if (event.target.closest("[data-next-mark]")) nextMark();
});

let mark = -1;
function nextMark() {
  const marks = [...document.querySelectorAll(".mark")];
  if (!marks.length) return;
  marks[mark]?.classList.remove("here");
  mark = (mark + 1) % marks.length;
  marks[mark].classList.add("here");
  marks[mark].scrollIntoView({ block: "center" });
}

// A file dropped anywhere on the page goes into its field.
const drop = $("[data-drop]");
if (drop) {
  for (const kind of ["dragenter", "dragover"])
    document.addEventListener(kind, (event) => { event.preventDefault(); drop.classList.add("over"); });
  document.addEventListener("dragleave", () => drop.classList.remove("over"));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    if (!event.dataTransfer.files.length) return;
    $("input[type=file]", drop).files = event.dataTransfer.files;
    drop.requestSubmit();
  });
}

// When what runs has ended, the page shows what it left behind.
document.addEventListener("htmx:after:swap", () => {
  if ($("#progress[hx-trigger] [data-finished]")) location.reload();
});

// The letter: the page follows the text. One request is on its way, and at most one waits.
const form = $("[data-live]");
if (form) {
  const text = form.elements.text, pages = $("#pages"), unsaved = $("#unsaved");
  let timer = 0, settle = 0, running = false, waits = null, page = 1, saved = text.value;
  const lineAt = (offset) => text.value.slice(0, offset).split("\n").length;
  const words = () => text.value.split("\n")[lineAt(text.selectionStart) - 1] || "";

  // While somebody types, the visible page alone is laid out; when they pause, the whole letter.
  async function draw(follow, quick) {
    if (running) { waits = [follow, quick]; return; }
    clearTimeout(settle);
    running = true;
    pages.setAttribute("aria-busy", "true");
    const data = new FormData(form);
    data.set("page", page);
    if (follow) data.set("words", words());
    if (quick) data.set("quick", "yes");
    try {
      const answer = await fetch("/letter/preview", { method: "POST", body: data, headers: { "HX-Request": "true" } });
      show(await answer.text());
    } catch {
      unsaved.textContent = "The desk does not answer. Is it still open in the terminal?";
    }
    pages.setAttribute("aria-busy", "false");
    running = false;
    if (waits) { const next = waits; waits = null; draw(...next); }
    else if (quick) settle = setTimeout(() => draw(false, false), 1200);
  }
  // The picture is loaded before it takes the place of the one before, so that nothing flickers.
  function show(html) {
    const part = new DOMParser().parseFromString(html, "text/html");
    const problems = part.getElementById("letter-problems");
    if (problems) { $("#letter-problems").replaceChildren(...problems.childNodes); problems.remove(); }
    const picture = part.querySelector("img"), shown = $(".sheet", pages);
    if (!picture && shown) {  // what cannot be laid out leaves the last good page, which says so
      pages.querySelectorAll(".note").forEach((each) => each.remove());
      pages.prepend(...part.body.childNodes);
      return pages.classList.add("stale");
    }
    if (picture) picture.loading = "eager";
    const open = $("details", pages)?.open;
    const change = () => { pages.classList.remove("stale"); pages.replaceChildren(...part.body.childNodes); if (open) $("details", pages).open = true; took(); };
    if (!picture) return change();
    const ready = new Image();
    ready.onload = ready.onerror = change;
    ready.src = picture.getAttribute("src");
  }
  function took() {
    page = Number($(".sheet", pages)?.dataset.number || page);
    pages.setAttribute("aria-busy", "false");
    document.dispatchEvent(new Event("desk:drawn"));
  }
  function go(line) {
    const lines = text.value.split("\n"), start = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
    text.focus();
    text.setSelectionRange(start, start + (lines[line - 1] || "").length);
    text.scrollTop = (text.scrollHeight * (line - 4)) / lines.length;
  }
  text.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => draw(true, true), 150);
    unsaved.textContent = text.value === saved ? "" : "not saved yet";
  });
  // For somebody else the page is shown with the text as it is now, saved or not.
  $("select[name=to]").addEventListener("change", (event) => { form.elements.to.value = event.target.value; draw(false, true); });
  text.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "s") { event.preventDefault(); form.requestSubmit(); }
  });
  form.addEventListener("submit", () => { saved = text.value; });
  addEventListener("beforeunload", (event) => { if (text.value !== saved) event.preventDefault(); });
  document.addEventListener("htmx:after:swap", took);
  document.addEventListener("click", async (event) => {
    const turn = event.target.closest("[data-page]"), line = event.target.closest("[data-goto]");
    const sheet = event.target.closest("#pages .sheet");
    if (turn) { page = Number(turn.dataset.page); draw(false, true); }
    if (line) go(Number(line.dataset.goto));
    if (!sheet) return;
    const box = sheet.getBoundingClientRect(), size = $("svg", sheet).viewBox.baseVal, data = new FormData();
    data.set("text", text.value);
    data.set("digest", sheet.dataset.digest);
    data.set("page", sheet.dataset.drawn);
    data.set("x", ((event.clientX - box.left) / box.width) * size.width);
    data.set("y", ((event.clientY - box.top) / box.height) * size.height);
    const found = await (await fetch("/letter/find", { method: "POST", body: data })).json();
    if (found.line) go(found.line);
    else unsaved.textContent = "These words stand in another text, or in the list.";
  });
  if (Number(form.dataset.line)) go(Number(form.dataset.line));
}
