// Moving between questions: the next one is fetched ahead, so that it is there at once, on a slow or broken connection too.

import { addressOf, answers, choose, flush, isOld, isWaiting, on, put, restore, saves, say, wouldLose } from "./saving.js";
import { isSignedOut, signIn } from "./signing.js";

const MARKS = ["progress", "steps", "rail"];
let ahead = { path: "", saves: -1, html: null };
let moving = null;  // {path, isBack}: the question that was asked for last, until it is there

export const isMoving = () => moving !== null && !isSignedOut();
const shownPath = () => addressOf(answers());

// The address of a question with the place in the document that is open now.
function withPlace(href) {
  const address = new URL(href, location.href), shown = document.getElementById("document");
  for (const name of ["document", "page", "view"]) {
    const value = shown?.dataset[name];
    if (value) address.searchParams.set(name, value); else address.searchParams.delete(name);
  }
  if (location.hash === "#document") address.hash = location.hash;  // over the question: it stays open
  return address;
}

async function fetchPart(address, target = "question") {
  const headers = { "HX-Request": "true", "HX-Target": target };
  const response = await fetch(address, { headers, signal: AbortSignal.timeout(30000) });
  if (response.status === 401) { await signIn(); return fetchPart(address, target); }
  if (!response.ok) throw new NotShown(response.status, await response.text());
  return response.text();
}

// The service was reached and does not show the question.
class NotShown extends Error {
  constructor(status, html) { super(`not shown: ${status}`); Object.assign(this, { status, html }); }
}

// A question, with the number of saves it knows of. What was fetched ahead is good while nothing was saved since; what still
// waits brings its own marks when it is saved.
async function part(address) {
  const kept = ahead;
  if (kept.path === address.pathname && (kept.saves === saves() || isWaiting())) {
    const html = await kept.html;
    if (html && !isOld(html)) return { html, knows: kept.saves };
  }
  await flush();
  return fetchNow(address);
}

async function fetchNow(address) {
  const knows = saves(), html = await fetchPart(address);
  return html && isOld(html) ? fetchNow(address) : { html, knows };
}

function lookAhead() {
  const next = document.querySelector("[data-next]");
  if (!next) return;
  const address = withPlace(next.dataset.next);
  const html = fetch(address, { headers: { "HX-Request": "true", "HX-Target": "question" } })
    .then((response) => (response.ok ? response.text() : "")).catch(() => "");
  ahead = { path: address.pathname, saves: saves(), html };
}

// Asks for another question and shows it, unless something else was asked for in the meantime: the last wish counts.
async function move(address, isBack) {
  const mine = { path: address.pathname, isBack };
  settle(mine);
  flush();
  const { html, knows, why } = await part(address).catch((error) => ({ why: error }));
  if (moving !== mine) return;
  settle(null);
  if (html) arrive(html, knows, address); else stay(why);
}

function settle(wish) {
  moving = wish;
  document.getElementById("question").toggleAttribute("data-leaving", Boolean(wish));
}

// Says why the question on the screen stays, with everything that is typed there.
function stay(why) {
  if (why?.status === 409) {
    put(why.html, "conflict");
    document.getElementById("conflict").focus();
  }
  say(reason(why?.status));
  readdress();
}

function reason(status) {
  if (status === 409) return "Not shown: see the message above the question";
  if (status >= 500) return "The service cannot show that question at the moment. Keep this page open and try again in a minute";
  if (status >= 400) return "This plan is no longer on your list. Copy what you still need, then go to My plans";
  return "Not connected: that question cannot be shown yet. Keep this page open";
}

function arrive(html, knows, address) {
  document.title = put(html).title;
  if (location.pathname !== address.pathname) history.pushState({ desk: true }, "", withPlace(address));
  restore(answers());
  if (!document.activeElement.matches("#document input")) document.querySelector("#question h1").focus({ preventScroll: true });
  window.scrollTo(0, 0);
  document.dispatchEvent(new CustomEvent("desk:question"));
  lookAhead();
  if (knows !== saves()) refreshMarks();
}

// The address names the question on the screen: again so when somebody went back and did not wait, or nothing came.
function readdress() {
  if (location.pathname !== shownPath()) history.pushState({ desk: true }, "", withPlace(shownPath()));
}

function go(href) {
  const address = withPlace(href);
  if (isMoving() && moving.path === address.pathname) return;  // pressed twice
  readdress();
  move(address, false);
}

window.addEventListener("popstate", () => {  // back and forward; a change of the part after # is none of ours
  if (!answers()) return;
  if (location.pathname !== shownPath()) move(new URL(location.href), true);
  else if (moving?.isBack) settle(null);  // there and back again before it came
});

// Leaves the sheet for another page, but not before everything is saved.
async function leave(href) {
  await flush();
  if (isWaiting()) say("Not sent yet. Keep this page open, or your last changes are lost"); else location.assign(href);
}

// The marks around the question; dropped when they are of another question by now, or older than a save that brought its own.
async function refreshMarks() {
  const here = shownPath(), before = saves();
  const html = await fetchPart(withPlace(here)).catch(() => "");
  if (html && here === shownPath() && before === saves()) put(html, ...MARKS);
}

on("saved", ({ isHere }) => { if (isHere) lookAhead(); else refreshMarks().then(lookAhead); });

// Between two versions of an answer: the question is shown as it is after the choice, and nothing else that waits is left.
async function settleConflict(event, href, form) {
  event.preventDefault();
  await choose(new URL(href).pathname, form);
  move(withPlace(href), false);
}

document.addEventListener("submit", (event) => {
  if (event.target.closest(".desk-conflict")) settleConflict(event, event.target.action, event.target);
});

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (event.target !== answers() || !button) return;
  event.preventDefault();
  if (!button.dataset.href) flush();
  else if (button.dataset.leaves !== undefined) leave(button.dataset.href); else go(button.dataset.href);
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || link.target) return;
  if (link.closest(".desk-conflict__version")) { settleConflict(event, link.href, null); return; }
  if (link.dataset.go !== undefined) { event.preventDefault(); go(link.href); return; }
  const staysHere = link.getAttribute("href").startsWith("#") || link.hasAttribute("hx-get");
  if (wouldLose() && !staysHere) { event.preventDefault(); leave(link.href); }
});

// Turning a page must not bring back the question that the page was opened with, nor one that was left meanwhile.
document.addEventListener("htmx:configRequest", (event) => {
  const asked = event.detail.elt;
  if (asked.href && asked.closest("#document")) event.detail.path = location.pathname + new URL(asked.href).search;
});
document.addEventListener("htmx:beforeSwap", (event) => { if (event.detail.target.id === "document") event.detail.ignoreTitle = true; });
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target.id !== "document") return;
  if (!moving && location.pathname !== shownPath()) history.replaceState(history.state, "", withPlace(shownPath()));
  showSection();
});

// The page opens where the section begins on it: when the document has come anew, never while somebody reads.
async function showSection() {
  const shown = document.getElementById("document"), picture = shown?.querySelector(".desk-picture"), down = Number(shown?.dataset.top);
  if (!picture || !down) return;
  picture.loading = "eager";
  try { await picture.decode(); } catch { return; }
  shown.querySelector(".desk-pages").scrollTop = picture.offsetTop - picture.parentElement.offsetTop + down * picture.offsetHeight - 24;
}
showSection();

// The plan goes along to another section; within one it stays where it is being read.
const sectionAsked = () => document.getElementById("begins")?.dataset.section;
let section = sectionAsked();
document.addEventListener("desk:question", async () => {
  const before = section, link = document.getElementById("begins");
  section = sectionAsked() ?? section;
  if (!link || section === before || location.hash === "#document") return;
  const html = await fetchPart(link.href, "document").catch(() => "");
  if (html && link.isConnected) openPlan(html);
});

function openPlan(html) {
  const part = new DOMParser().parseFromString(html, "text/html").getElementById("document");
  document.getElementById("document").replaceWith(part);
  window.htmx.process(part);
  history.replaceState(history.state, "", withPlace(location.href));
  showSection();
}

if (answers()) lookAhead();
