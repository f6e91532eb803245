// Moving between questions: the next one is fetched ahead, so that it is there at once, on a slow or broken connection too.

import { addressOf, answers, flush, isWaiting, on, put, restore, saves, say, wouldLose } from "./saving.js";
import { signIn } from "./signing.js";

const MARKS = ["progress", "steps", "rail"];
let ahead = { path: "", saves: -1, html: null };

// The address of a question with the place in the document that is open now.
function withPlace(href) {
  const address = new URL(href, location.href), shown = document.getElementById("document");
  for (const name of ["document", "page", "view"]) {
    const value = shown?.dataset[name];
    if (value) address.searchParams.set(name, value); else address.searchParams.delete(name);
  }
  return address;
}

async function fetchPart(address) {
  const headers = { "HX-Request": "true", "HX-Target": "question" };
  const response = await fetch(address, { headers, signal: AbortSignal.timeout(30000) });
  if (response.status === 401) { await signIn(); return fetchPart(address); }
  return response.ok ? response.text() : "";
}

async function part(address) {
  const fresh = ahead.saves === saves() || isWaiting();  // what waits brings the marks when it is saved
  const html = ahead.path === address.pathname && fresh ? await ahead.html : "";
  if (html) return html;
  await flush();
  return fetchPart(address);
}

function lookAhead() {
  const next = document.querySelector("[data-next]");
  if (!next) return;
  const address = withPlace(next.dataset.next);
  const html = fetch(address, { headers: { "HX-Request": "true", "HX-Target": "question" } })
    .then((response) => (response.ok ? response.text() : "")).catch(() => "");
  ahead = { path: address.pathname, saves: saves(), html };
}

async function show(address) {
  let html = "";
  try { html = await part(address); } catch { html = ""; }
  if (!html) { say("Not connected: the next question cannot be shown yet. Keep this page open"); return false; }
  document.title = put(html).title;
  restore(answers());
  return true;
}

async function go(href) {
  flush();
  const address = withPlace(href);
  if (!await show(address)) return;
  history.pushState({ desk: true }, "", address);
  arrive();
}

function arrive() {
  document.querySelector("#question h1").focus({ preventScroll: true });
  window.scrollTo(0, 0);
  document.dispatchEvent(new CustomEvent("desk:question"));
  lookAhead();
}

window.addEventListener("popstate", async () => {  // back and forward; a change of the part after # is none of ours
  if (!answers() || location.pathname === addressOf(answers())) return;
  flush();
  if (await show(new URL(location.href))) arrive();
});

// Leaves the sheet for another page, but not before everything is saved.
async function leave(href) {
  await flush();
  if (isWaiting()) say("Not sent yet. Keep this page open, or your last changes are lost"); else location.assign(href);
}

async function refreshMarks() {
  try { put(await fetchPart(location.href), ...MARKS); } catch { /* the next save brings them */ }
}

on("saved", ({ isHere }) => { if (isHere) lookAhead(); else refreshMarks().then(lookAhead); });

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (event.target !== answers() || !button?.dataset.href) return;
  event.preventDefault();
  if (button.dataset.leaves !== undefined) leave(button.dataset.href); else go(button.dataset.href);
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || link.target) return;
  if (link.dataset.go !== undefined) { event.preventDefault(); go(link.href); return; }
  const staysHere = link.getAttribute("href").startsWith("#") || link.hasAttribute("hx-get");
  if (wouldLose() && !staysHere) { event.preventDefault(); leave(link.href); }
});

// Turning a page must not bring back the question that the page was opened with.
document.addEventListener("htmx:configRequest", (event) => {
  const asked = event.detail.elt;
  if (asked.href && asked.closest("#document")) event.detail.path = location.pathname + new URL(asked.href).search;
});

// The page opens where the section begins on it: when the document has come anew, never while somebody reads.
async function showSection() {
  const shown = document.getElementById("document"), picture = shown?.querySelector(".desk-picture"), down = Number(shown?.dataset.top);
  if (!picture || !down) return;
  picture.loading = "eager";
  try { await picture.decode(); } catch { return; }
  shown.querySelector(".desk-pages").scrollTop = picture.offsetTop - picture.parentElement.offsetTop + down * picture.offsetHeight - 24;
}
document.addEventListener("htmx:afterSettle", (event) => { if (event.detail.target.id === "document") showSection(); });
showSection();

// The plan goes along to another section; within one it stays where it is being read.
const sectionAsked = () => document.getElementById("begins")?.dataset.section;
let section = sectionAsked();
document.addEventListener("desk:question", async () => {
  const before = section, link = document.getElementById("begins");
  section = sectionAsked() ?? section;
  if (!link || section === before || location.hash === "#document") return;
  await window.htmx.ajax("GET", link.href, { target: "#document", select: "#document", swap: "outerHTML" });
  history.replaceState(history.state, "", withPlace(location.href));
});

if (answers()) lookAhead();
