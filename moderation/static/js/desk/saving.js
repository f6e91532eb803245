// What is typed is kept in this page until the service has it: sent at once, and again when the connection or the session
// returns. Every page works without this file; nothing here decides anything.

const SLOW = 400;              // "Saving" is shown only when a save takes longer than this
const TYPING = 500;            // text is sent when the writer pauses this long
const RETRY = [2000, 5000, 10000, 20000, 30000];
const waiting = new Map();     // address of a question -> {fields, version, at}: changes that are not saved yet
const refused = new Map();     // address of a question -> the fields that were refused and have not been mended
const conflicted = new Map();  // address -> {fields, version}: changes beside which another page has saved, until somebody chooses
const known = new Map();       // address of a question -> its latest version that the service told
const listeners = new EventTarget();
let going = null, typing = null, retrying = null, attempts = 0, acknowledged = 0, signedOut = false;

export const answers = () => document.getElementById("answer");
export const addressOf = (form) => new URL(form.action).pathname;
export const isWaiting = () => waiting.size > 0;
export const wouldLose = () => waiting.size > 0 || refused.size > 0 || conflicted.size > 0;
export const saves = () => acknowledged;
export const on = (name, heard) => listeners.addEventListener(name, (event) => heard(event.detail));
const tell = (name, detail) => listeners.dispatchEvent(new CustomEvent(name, { detail }));

export function say(text) {
  const place = document.getElementById("saved");
  if (!place) return;
  place.textContent = text;
  place.classList.add("desk-saved--waiting");
}

// Puts the parts of an answer in the places of the same name, and keeps the focus where it was.
export function put(html, ...only) {
  const parts = new DOMParser().parseFromString(html, "text/html");
  for (const part of [...parts.body.children]) {
    const there = part.id && document.getElementById(part.id);
    if (!there || (only.length && !only.includes(part.id))) continue;
    if (there.getAttribute("role") === "status") {  // a live region is heard only when it stays and its words change
      there.className = part.className;
      there.replaceChildren(...part.childNodes);
      continue;
    }
    const focused = there.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    there.replaceWith(part);
    if (focused) part.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }
  return parts;
}

// ---- what waits -------------------------------------------------------------
export function note(group) {
  const form = answers(), typed = new FormData(form), address = addressOf(form);
  const entry = waiting.get(address) || { fields: {}, version: conflicted.get(address)?.version ?? form.elements.version.value };
  for (const name of group.dataset.save.split(" ")) if (typed.has(name)) entry.fields[name] = typed.get(name);
  entry.at = new Date();
  waiting.set(address, entry);
  refused.delete(address);
}

// Shows what waits for this question, when it is opened again before it could be sent; what was refused is tried again, so
// that the message comes beside its box.
export function restore(form) {
  const address = addressOf(form), again = Object.keys(refused.get(address) ?? {});
  for (const [name, value] of Object.entries({ ...conflicted.get(address)?.fields, ...refused.get(address), ...waiting.get(address)?.fields })) {
    const field = form.elements.namedItem(name);
    if (field) field.value = value;
  }
  for (const name of again) note(form.querySelector(`[name="${name}"]`).closest("[data-save]"));
  if (again.length) flush();
}

// Is this question as it was before a save that this page knows of? Then it came late.
export function isOld(html) {
  const form = new DOMParser().parseFromString(html, "text/html").getElementById("answer");
  return Boolean(form) && Number(form.elements.version.value) < (known.get(addressOf(form)) ?? 0);
}

export function soon() {
  clearTimeout(typing);
  typing = setTimeout(flush, TYPING);
}

// Sends what waits, one question after the other; ends when all is saved or the service cannot be reached.
export function flush() {
  clearTimeout(typing);
  going ||= sendAll().finally(() => { going = null; });
  return going;
}

async function sendAll() {
  while (waiting.size && !signedOut) {
    const [address, entry] = waiting.entries().next().value;
    if (!await send(address, entry)) return;
  }
}

async function send(address, entry) {
  const carried = { ...conflicted.get(address)?.fields, ...entry.fields };  // somebody chooses between all of it
  const slow = setTimeout(say, SLOW, "Saving");
  let response = null, html = "";
  try {
    response = await post(address, { version: entry.version, typed_at: entry.at.toISOString(), ...carried });
    html = await response.text();
  } catch { response = null; }
  clearTimeout(slow);
  return settle(address, entry, carried, response, html);
}

function post(address, fields) {
  const body = new URLSearchParams({ csrf_token: answers().elements.csrf_token.value, ...fields });
  const headers = { "HX-Request": "true" };
  return fetch(address, { method: "POST", body, headers, keepalive: true, signal: AbortSignal.timeout(30000) });
}

// What becomes of the changes that were sent. True: go on with what else waits.
function settle(address, entry, carried, response, html) {
  const status = response ? response.status : 0;
  if (status === 200 && response.headers.has("X-Saved")) return saved(address, entry, carried, response.headers.get("X-Saved"), html);
  if (status === 409 || status === 422) return answeredOtherwise(address, entry, carried, status, html);
  if ([200, 400, 401].includes(status)) { signedOut = true; tell("signed-out"); return false; }
  if (status >= 400 && status < 500 && status !== 429) return turnedAway(address, entry, carried);
  const count = waiting.size > 1 || Object.keys(entry.fields).length > 1 ? ` (${changes()} changes)` : "";
  say(`Not sent yet${count}. Keep this page open`);
  retrying ||= setTimeout(resend, RETRY[Math.min(attempts++, RETRY.length - 1)]);
  return false;
}

function changes() {
  return [...waiting.values()].reduce((sum, entry) => sum + Object.keys(entry.fields).length, 0);
}

function saved(address, entry, carried, version, html) {
  attempts = 0;
  acknowledged += 1;
  entry.version = version;
  known.set(address, Math.max(known.get(address) ?? 0, Number(version)));
  drop(address, entry, carried);
  conflicted.delete(address);
  const form = answers(), isHere = form && addressOf(form) === address;
  if (isHere) form.elements.version.value = version;
  put(html, ...(isHere ? [] : ["saved"]));
  tell("saved", { isHere });
  return true;
}

function answeredOtherwise(address, entry, carried, status, html) {
  drop(address, entry, carried);
  if (status === 422) { refuse(address, carried, html); return true; }
  conflicted.set(address, { fields: carried, version: entry.version });
  say("Not saved: see the message above the question");
  const parts = put(html), first = parts.body.firstElementChild;
  if (first) document.getElementById(first.id)?.focus();
  return true;
}

// What the service will not have is kept in this page as long as it is open, so that it can be copied.
function turnedAway(address, entry, carried) {
  drop(address, entry, carried);
  refused.set(address, { ...refused.get(address), ...carried });
  say("Not saved: this plan is no longer on your list. Copy what you still need");
  return true;
}

// One of both versions was chosen: this page's is sent once more, on top of what it was shown beside; the saved one stays.
export function choose(address, form) {
  conflicted.delete(address);
  if (form) {
    const { csrf_token, version, go, ...fields } = Object.fromEntries(new FormData(form));
    waiting.set(address, { fields, version, at: new Date() });
  }
  document.getElementById("conflict").replaceChildren();
  const next = conflicted.entries().next().value;
  if (next && !waiting.has(next[0])) waiting.set(next[0], { ...next[1], at: new Date() });  // its choice is shown again
  return flush();
}

// The message stands beside its box; from another question, the words say where it is.
function refuse(address, carried, html) {
  refused.set(address, carried);
  const isHere = addressOf(answers()) === address;
  if (isHere) put(html);
  say(isHere ? "Not saved: see the message beside the box" : `Not saved: go back to ${address.split("/").at(-1)}, something there must be put right`);
}

function drop(address, entry, carried) {
  for (const name of Object.keys(carried)) if (entry.fields[name] === carried[name]) delete entry.fields[name];
  if (!Object.keys(entry.fields).length) waiting.delete(address);
}

// ---- the connection and the session come back ---------------------------------
export function resend() {
  clearTimeout(retrying);
  retrying = null;
  Promise.resolve(going).then(flush);  // what is under way may have been sent before the connection came back
}

// After signing in again the page has an old token; `page` is the sheet as the new session gets it.
export function signedInAgain(page) {
  const token = page.querySelector("#answer [name=csrf_token]");
  if (!token) return false;
  document.querySelectorAll("[name=csrf_token]").forEach((field) => { field.value = token.value; });
  signedOut = false;
  resend();
  return true;
}

window.addEventListener("online", resend);
window.addEventListener("beforeunload", (event) => { if (wouldLose()) event.preventDefault(); });
document.addEventListener("visibilitychange", () => { if (isWaiting()) resend(); });
document.addEventListener("input", (event) => {
  const group = event.target.closest("[data-save]");
  if (!group) return;
  note(group);
  if (event.target.matches("[type=radio]")) flush(); else soon();
});
document.addEventListener("change", (event) => { if (event.target.closest("[data-save]")) flush(); });
