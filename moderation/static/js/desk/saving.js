// What is typed is kept in this page until the service has it: sent at once, and again when the connection or the session
// returns. Every page works without this file; nothing here decides anything.

const SLOW = 400;              // "Saving" is shown only when a save takes longer than this
const TYPING = 500;            // text is sent when the writer pauses this long
const RETRY = [2000, 5000, 10000, 20000, 30000];
const waiting = new Map();     // address of a question -> {fields, version, at, turnedAway}: changes that are not saved yet; turned
                               // away (why, in words) are sent again with the next change of their question
const refused = new Map();     // address of a question -> the fields that the service will not have, until each is mended
const conflicted = new Map();  // address -> {fields, version}: changes beside which another page has saved, until somebody chooses
const known = new Map();       // address of a question -> its latest version that the service told
const listeners = new EventTarget();
let going = null, typing = null, retrying = null, attempts = 0, acknowledged = 0, signedOut = false;
let isQuiet = false;           // what is sent again by itself says only what has changed

export const answers = () => document.getElementById("answer");
export const addressOf = (form) => new URL(form.action).pathname;
export const isWaiting = () => [...waiting.values()].some((entry) => !entry.turnedAway);
export const wouldLose = () => waiting.size > 0 || refused.size > 0 || conflicted.size > 0;
export const saves = () => acknowledged;
export const on = (name, heard) => listeners.addEventListener(name, (event) => heard(event.detail));
const isHere = (address) => Boolean(answers()) && addressOf(answers()) === address;
const keyOf = (address) => address.split("/").at(-1);
const isWriting = () => document.activeElement.matches("textarea, input:not([type=radio])");
const tell = (name, detail) => listeners.dispatchEvent(new CustomEvent(name, { detail }));

export function say(text) {
  const place = document.getElementById("saved");
  if (!place) return;
  place.textContent = text;
  place.classList.add("desk-saved--waiting");
}

function saySaved(words) {
  const place = document.getElementById("saved");
  place.classList.remove("desk-saved--waiting");
  place.replaceChildren(words);
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
  for (const name of group.dataset.save.split(" ")) {
    if (typed.has(name)) entry.fields[name] = typed.get(name);
    mend(address, name);
  }
  Object.assign(entry, { at: new Date(), turnedAway: "" });
  waiting.set(address, entry);
}

function mend(address, name) {
  const fields = refused.get(address) ?? {};
  delete fields[name];
  if (!Object.keys(fields).length) refused.delete(address);
}

// Shows what waits for this question, when it is opened again before it could be sent; what was refused is tried again, so
// that the message comes beside its box.
export function restore(form) {
  const address = addressOf(form), again = Object.keys({ ...refused.get(address), ...turnedAwayAt(address) });
  for (const [name, value] of Object.entries({ ...conflicted.get(address)?.fields, ...refused.get(address), ...waiting.get(address)?.fields })) {
    const field = form.elements.namedItem(name);
    if (field) field.value = value;
  }
  for (const name of again) note(form.querySelector(`[name="${name}"]`).closest("[data-save]"));
  if (again.length) flush();
}

const turnedAwayAt = (address) => (waiting.get(address)?.turnedAway ? waiting.get(address).fields : {});

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
export function flush(quiet = false) {
  clearTimeout(typing);
  isQuiet = quiet && (isQuiet || !going);
  going ||= sendAll().finally(() => { going = null; });
  return going;
}

const SAVED = "saved", NOT_HAD = "not had", LATER = "later", STOP = "stop";  // what becomes of one question that was sent

// A question that the service cannot save at the moment does not hold up the others.
async function sendAll() {
  const later = new Set(), next = () => [...waiting].find(([, entry]) => !entry.turnedAway && !later.has(entry));
  for (let one = next(); one && !signedOut; one = next()) {
    const became = await send(...one);
    if (became === SAVED) isQuiet = false;
    if (became === LATER || became === STOP) later.add(one[1]);
    if (became === STOP) break;
  }
  if (later.size && !isQuiet && !signedOut) sayNotSent();
}

async function send(address, entry) {
  const carried = { ...conflicted.get(address)?.fields, ...entry.fields };  // somebody chooses between all of it
  const sent = { address, entry, carried, at: entry.at }, slow = setTimeout(() => { if (!isQuiet) say("Saving"); }, SLOW);
  let response = null, html = "";
  try {
    response = await post(address, { version: entry.version, typed_at: entry.at.toISOString(), ...carried });
    html = await response.text();
  } catch { response = null; }
  clearTimeout(slow);
  return settle(sent, response, html);
}

// A page that is left sends on, but a browser does that for 64 kB only and never sends more.
function post(address, fields) {
  const body = String(new URLSearchParams({ csrf_token: answers().elements.csrf_token.value, ...fields }));
  const headers = { "HX-Request": "true", "Content-Type": "application/x-www-form-urlencoded;charset=UTF-8" };
  return fetch(address, { method: "POST", body, headers, keepalive: body.length < 60000, signal: AbortSignal.timeout(30000) });
}

function settle(sent, response, html) {
  const status = response ? response.status : 0;
  if (status === 200 && response.headers.has("X-Saved")) return saved(sent, response.headers.get("X-Saved"), html);
  if ([200, 400, 401].includes(status)) { signedOut = true; tell("signed-out"); return STOP; }
  if (waiting.get(sent.address) !== sent.entry) return NOT_HAD;  // somebody has chosen meanwhile: it all goes along with the choice
  if (status === 409) return ask(sent, html);
  if (status === 422) return refuse(sent, (response.headers.get("X-Refused") ?? "").split(" "), html);
  if (status === 413) return refuse(sent, [longest(sent.carried)], "");
  if (status >= 400 && status < 500 && status !== 429) return turnAway(sent, status);
  retrying ||= setTimeout(resend, RETRY[Math.min(attempts++, RETRY.length - 1)]);
  if (status) return LATER;
  waiting.delete(sent.address);
  waiting.set(sent.address, sent.entry);  // if it was this one that never got an answer, the others go first next time
  return STOP;
}

function sayNotSent() {
  const fields = [...waiting.values()].flatMap((entry) => Object.keys(entry.fields));
  say(`Not sent yet${fields.length > 1 ? ` (${fields.length} changes)` : ""}. Keep this page open`);
}

function saved({ address, entry, carried }, version, html) {
  attempts = 0;
  acknowledged += 1;
  entry.version = version;
  known.set(address, Math.max(known.get(address) ?? 0, Number(version)));
  drop(address, entry, carried);
  if (conflicted.delete(address) && addressOf(shownChoice() ?? answers()) === address) document.getElementById("conflict").replaceChildren();
  if (isHere(address)) {
    answers().elements.version.value = version;
    for (const name of Object.keys(carried)) document.getElementById(`${name}-error`)?.replaceChildren();
  }
  put(html, ...(isHere(address) ? [] : ["saved"]));
  const left = notHad();
  if (left) say(`Not everything is saved: ${left}`);
  tell("saved", { isHere: isHere(address) });
  return SAVED;
}

// What the service did not have of all that was sent, in words: nothing looks saved beside it.
function notHad() {
  const [address] = refused.keys();
  if (address) return isHere(address) ? "see the message beside the box" : `go back to ${keyOf(address)}, something there must be put right`;
  const [elsewhere, { turnedAway }] = [...waiting].find(([, entry]) => entry.turnedAway) ?? ["", {}];
  if (turnedAway) return isHere(elsewhere) ? turnedAway : `${keyOf(elsewhere)}: ${turnedAway}`;
  return conflicted.size ? SEE_ABOVE : "";
}

const SEE_ABOVE = "see the message above the question";
const shownChoice = () => document.querySelector("#conflict form");

// Another page has saved in between: both versions are shown.
function ask({ address, entry, carried }, html) {
  drop(address, entry, carried);
  conflicted.set(address, { fields: carried, version: entry.version });
  say(`Not saved: ${SEE_ABOVE}`);
  put(html);
  if (!isWriting()) document.getElementById("conflict").focus();
  return NOT_HAD;
}

// One of both versions was chosen: this page's is sent once more, on top of what it was shown beside, with what was typed since;
// the saved one stays.
export function choose(address, form) {
  conflicted.delete(address);
  if (form) {
    const { csrf_token, version, go, ...fields } = Object.fromEntries(new FormData(form));
    waiting.set(address, { fields: { ...fields, ...waiting.get(address)?.fields }, version, at: new Date() });
  }
  const there = document.getElementById("saved-there");
  document.getElementById("conflict").replaceChildren();
  const [next] = conflicted;
  if (next && !waiting.has(next[0])) waiting.set(next[0], { fields: { ...next[1].fields }, version: next[1].version, at: new Date() });  // its choice is shown again
  if (!waiting.size && !notHad()) saySaved(there.content);
  return flush();
}

// Some fields are at fault: they are kept until they are mended, with the message beside the box, and the rest is sent without
// them. From another question, the words say where it is.
function refuse({ address, entry, carried }, named, html) {
  const faults = named.some((name) => name in carried) ? named.filter((name) => name in carried) : Object.keys(carried);
  drop(address, entry, Object.fromEntries(faults.map((name) => [name, carried[name]])));
  for (const name of faults) {
    delete conflicted.get(address)?.fields[name];
    if (!(name in entry.fields)) refused.set(address, { ...refused.get(address), [name]: carried[name] });
  }
  if (isHere(address)) { if (html) put(html); else sayTooLong(faults[0]); }
  say(`Not saved: ${notHad()}`);
  return NOT_HAD;
}

const longest = (fields) => Object.keys(fields).sort((a, b) => fields[b].length - fields[a].length)[0];

function sayTooLong(name) {
  const place = document.getElementById(`${name}-error`);
  if (place) place.textContent = "Error: This text is too long to send. Make it shorter";
}

// What the service will not have whatever it says stays in this page as long as it is open, so that it can be copied.
function turnAway({ entry, at }, status) {
  if (entry.at !== at) return NOT_HAD;  // changed meanwhile: tried once more with that
  entry.turnedAway = status === 404 ? "this plan is no longer on your list. Copy what you still need"
    : "the service did not accept it. Keep this page open and copy what you need";
  say(`Not saved: ${notHad()}`);
  return NOT_HAD;
}

// What was sent waits no more, unless it was changed meanwhile.
function drop(address, entry, sent) {
  for (const name of Object.keys(sent)) if (entry.fields[name] === sent[name]) delete entry.fields[name];
  if (!Object.keys(entry.fields).length && waiting.get(address) === entry) waiting.delete(address);
}

// ---- the connection and the session come back ---------------------------------
export function resend() {
  clearTimeout(retrying);
  retrying = null;
  Promise.resolve(going).then(() => flush(true));  // what is under way may have been sent before the connection came back
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
  if (event.target.id === "number" && event.target.value) document.getElementById("level-number").checked = true;
  note(group);
  if (event.target.matches("[type=radio]")) flush(); else soon();
});
document.addEventListener("change", (event) => { if (event.target.closest("[data-save]")) flush(); });
