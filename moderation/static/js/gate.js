// The gate's page: words selected in the text go into the form, a rectangle dragged over the picture as well, and single keys decide.
// Every page works without this file; nothing here decides anything by itself.
(() => {
  "use strict";

  const byId = (id) => document.getElementById(id);
  const text = byId("text"), picture = byId("picture"), marks = byId("marks");
  const words = document.querySelector("#add-words input[name=words]");
  for (const id of ["select-hint", "gate-keys"]) if (byId(id)) byId(id).hidden = false;

  // ---- words selected in the text -------------------------------------------
  document.addEventListener("selectionchange", () => {
    const selection = document.getSelection();
    if (!text || !words || selection.isCollapsed || !text.contains(selection.anchorNode) || !text.contains(selection.focusNode)) return;
    const chosen = selection.toString().replace(/\u00ad/g, "").replace(/\s+/g, " ").trim();
    if (chosen && chosen.length <= 200) words.value = chosen;
  });

  // ---- a rectangle dragged over the picture ---------------------------------
  let start = null, box = null;
  const area = byId("mark-area");
  const place = (event) => {
    const frame = picture.getBoundingClientRect();
    const part = (value) => Math.min(1, Math.max(0, value));
    return { x: part((event.clientX - frame.left) / frame.width), y: part((event.clientY - frame.top) / frame.height) };
  };
  const draw = (from, to) => {
    const set = (name, value) => box.setAttribute(name, Math.round(value * 10000));
    set("x", Math.min(from.x, to.x)); set("y", Math.min(from.y, to.y));
    set("width", Math.abs(from.x - to.x)); set("height", Math.abs(from.y - to.y));
  };
  if (picture && area) {
    picture.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || event.pointerType === "touch") return;
      event.preventDefault();
      start = place(event);
      if (box) box.remove();
      box = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      box.setAttribute("class", "gate-mark gate-mark--new");
      marks.append(box);
      picture.setPointerCapture(event.pointerId);
    });
    picture.addEventListener("pointermove", (event) => { if (start) draw(start, place(event)); });
    picture.addEventListener("pointerup", (event) => {
      if (!start) return;
      const from = start, to = place(event);
      start = null;
      if (Math.abs(from.x - to.x) < 0.01 || Math.abs(from.y - to.y) < 0.005) { box.remove(); box = null; return pick(event); }
      const set = (name, value) => { area.elements[name].value = value; };
      const left = Math.floor(Math.min(from.x, to.x) * 100), top = Math.floor(Math.min(from.y, to.y) * 100);
      set("left", left); set("top", top);
      set("wide", Math.max(1, Math.ceil(Math.max(from.x, to.x) * 100) - left));
      set("high", Math.max(1, Math.ceil(Math.max(from.y, to.y) * 100) - top));
      byId("area").open = true;
      area.elements.token.focus();
    });
  }

  // ---- marks and list point at one another ----------------------------------
  function pick(event) {
    const found = document.elementsFromPoint(event.clientX, event.clientY).find((each) => each.dataset && each.dataset.finding);
    if (found) go(byId(`finding-${found.dataset.finding}`));
  }
  function go(item) {
    if (!item) return;
    item.focus({ preventScroll: true });
    item.scrollIntoView({ block: "nearest" });
  }
  document.addEventListener("focusin", (event) => {
    const item = event.target.closest(".gate-finding");
    for (const mark of document.querySelectorAll(".gate-mark--here")) mark.classList.remove("gate-mark--here");
    if (item) for (const mark of document.querySelectorAll(`.gate-mark[data-finding="${item.dataset.finding}"]`)) mark.classList.add("gate-mark--here");
  });
  // after the page's own message has taken the focus
  if (location.hash === "#next") addEventListener("load", () => go(document.querySelector(".gate-finding[data-next]") || byId("findings")));

  // ---- single keys ----------------------------------------------------------
  const items = () => [...document.querySelectorAll(".gate-finding")];
  const current = () => document.activeElement.closest(".gate-finding") || document.querySelector(".gate-finding[data-next]");
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, summary")) return;
    if (event.key === "j") return go(items()[(items().indexOf(document.activeElement.closest(".gate-finding")) + 1) % items().length]);
    const within = event.key === "n" ? document : current();
    const wanted = within && ["r", "k", "n"].includes(event.key) && within.querySelector(`[data-key="${event.key}"]`);
    if (wanted) { event.preventDefault(); wanted.click(); }
  });
})();
