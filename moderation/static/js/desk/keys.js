// Single keys, the document over the page on a phone, and quoting the plan.

import { isMoving } from "./moving.js";
import { flush, note } from "./saving.js";

// ---- the document over the page, on a phone --------------------------------------
const overlay = () => location.hash === "#document" && matchMedia("(max-width: 1100px)").matches;
function cover() {
  const over = overlay();
  document.querySelectorAll(".app-header, .desk-bar, #middle, #sections, footer").forEach((part) => { part.inert = over; });
  const target = document.getElementById(over ? "document" : "question");
  if (target && (over || location.hash === "#question")) target.focus({ preventScroll: true });
}
window.addEventListener("hashchange", cover);
cover();

// At the end of the page the foot pushes the document under the bar: what gets the focus there is brought out again.
document.addEventListener("focusin", (event) => {
  const bar = document.querySelector(".desk-bar"), under = bar?.getBoundingClientRect().bottom - event.target.getBoundingClientRect().top;
  if (bar && !bar.contains(event.target) && event.target.closest("#document") && under > 0) window.scrollBy(0, -under - 16);
});

// ---- quoting ---------------------------------------------------------------------
let chosen = "";

// A last paragraph chosen by three clicks ends where what follows the document begins.
function selectedWords() {
  const selection = getSelection(), shown = document.getElementById("document");
  if (!selection.rangeCount || !shown) return "";
  const { startContainer, endContainer, endOffset } = selection.getRangeAt(0);
  const inside = shown.contains(startContainer) && (shown.contains(endContainer) || !endOffset);
  return inside ? String(selection).replace(/\s+/g, " ").trim() : "";
}

// Where the words are: the document, its page, and its section where that is known.
function placeOfWords() {
  const { title, page, section } = document.getElementById("document").dataset;
  return [title, page && `page ${page}`, section && `section ${section}`].filter(Boolean).join(", ");
}

const added = (field, words, between) => (field.value.trim() ? `${field.value.trim()}${between}${words}` : words);

function quote(words) {
  const field = document.getElementById("quote"), place = document.getElementById("quote-place");
  if (!words || !field || field.disabled) return;
  field.value = added(field, words, "\n");
  if (!place.value.includes(placeOfWords())) place.value = added(place, placeOfWords(), "; ");
  field.closest("details").open = true;
  note(field.closest("[data-save]"));
  flush();
  if (overlay()) location.hash = "question";
  field.focus();
  field.scrollIntoView({ block: "center" });
}

document.addEventListener("selectionchange", () => {
  const words = selectedWords(), button = document.getElementById("quote-selection");
  if (words) chosen = words;
  if (button) button.hidden = !words;
});

// ---- single keys -------------------------------------------------------------------
const isOff = () => document.getElementById("desk")?.dataset.shortcuts !== "on";
const dialog = () => document.getElementById("keys");
const writing = (element) => element.matches("textarea, select, [contenteditable], input:not([type=radio], [type=checkbox], [type=submit])");

function use(target) {
  if (target.matches("summary")) { target.click(); target.focus(); return; }
  if (target.matches("textarea, [data-focus]")) { target.focus(); target.scrollIntoView({ block: "center" }); return; }
  target.click();
}

// For somebody who wants it so: the key of an answer goes on, by way of the box for evidence where that is needed and empty.
function goOn(answer) {
  const evidence = document.getElementById("evidence"), quoted = document.getElementById("quote");
  if ("evidence" in answer.dataset && !evidence.value.trim() && !quoted.value.trim()) use(evidence);
  else document.querySelector('#question [data-key="n"]')?.click();
}

// From inside a box: Escape leaves it, Control or Command with Enter goes on to the next question.
function whileWriting(event) {
  if (event.key === "Escape") document.querySelector("#question h1")?.focus({ preventScroll: true });
  else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) document.querySelector('#question [data-key="n"]')?.click();
  else return;
  event.preventDefault();
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
  if (event.key === "Escape" && overlay()) { location.hash = "question"; return; }
  if (writing(event.target)) { whileWriting(event); return; }
  if (event.ctrlKey || event.altKey || event.metaKey || isOff()) return;
  const key = event.key.toLowerCase();
  if (key === "?") { event.preventDefault(); dialog()?.showModal(); return; }
  if (key === "q") { event.preventDefault(); quote(selectedWords()); return; }
  if (overlay()) return;
  const target = document.querySelector(`[data-key="${CSS.escape(key)}"]:not(:disabled)`);
  if (!target) return;
  event.preventDefault();
  if (["answer", "number"].includes(target.name) && isMoving()) return;  // meant for the question that is not there yet, not for this one
  use(target);
  if (target.name === "answer" && "goesOn" in document.getElementById("desk").dataset) goOn(target);
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-keys-open]")) { event.preventDefault(); dialog()?.showModal(); }
  if (event.target.closest("[data-keys-close]")) dialog()?.close();
  if (event.target.closest("#quote-selection")) quote(chosen);  // a tap has taken the selection away by now
});
