// The session is over: sign in again in place, over the page and with everything on it, then send what waits.

import { on, say, signedInAgain } from "./saving.js";

const dialog = () => document.getElementById("signing");
let asked = null, answer = null;

export const isSignedOut = () => asked !== null;

// Opens the dialog; the promise is kept when the same person is signed in again.
export function signIn() {
  asked ||= new Promise((resolve) => { answer = resolve; });
  ask();
  return asked;
}

async function ask() {
  offer();
  try { await show(parse(await (await fetch("/sign-in")).text())); } catch { say("Not sent yet. Keep this page open"); }
}

// Shows the form of the sign-in page; when there is none, somebody has signed in already, in another tab perhaps: this person
// or, on a computer that is shared, another one.
async function show(page) {
  const form = page.querySelector("main form[action$='/sign-in']");
  if (!form) { await goOn(page); return; }
  form.elements.email.value = dialog().dataset.email;
  form.elements.email.readOnly = true;
  form.elements.next.value = location.pathname;
  present(form, form.elements.password, "");
}

function present(form, first, trouble) {
  form.addEventListener("submit", send);
  dialog().querySelector("[data-form]").replaceChildren(form);
  tell(trouble);
  if (!dialog().open) dialog().showModal();
  first.focus();
}

const tell = (trouble) => { dialog().querySelector("[data-trouble]").textContent = trouble; };

async function send(event) {
  event.preventDefault();
  const form = event.target;
  try {
    await show(parse(await (await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) })).text()));
  } catch {
    tell("You are not connected. Try again when you are.");
  }
}

async function goOn(page) {
  const sheet = page.querySelector("#answer") ? page : parse(await (await fetch(location.href)).text());
  if (!signedInAgain(sheet)) { offerToSignOut(page); return; }
  if (dialog().open) dialog().close();
  answer?.(true);
  asked = answer = null;
}

// Whoever is signed in does not have this plan: signing out leads to the form to sign in with.
function offerToSignOut(page) {
  const form = page.querySelector("form[action$='/sign-out']"), who = page.querySelector(".app-header__who a")?.textContent;
  if (!form || !who) { say("Not sent: this plan cannot be shown. Keep this page open "); return; }
  const button = form.querySelector("button");
  button.className = "govuk-button";
  button.textContent = `Sign out ${who}`;
  present(form, button, `${who} is signed in, and this plan is not on their list. Sign them out, then sign in as ${dialog().dataset.email}.`);
}

const parse = (html) => new DOMParser().parseFromString(html, "text/html");

// Says so in the bar too, with the way back to the dialog for somebody who has closed it.
function offer() {
  say("Not sent: you are signed out. ");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "desk-link-button";
  button.textContent = "Sign in again";
  button.addEventListener("click", ask);
  document.getElementById("saved")?.append(button);
}

on("signed-out", signIn);
document.addEventListener("visibilitychange", async () => {  // signed in again in another tab?
  if (document.hidden || !asked) return;
  try {
    const page = parse(await (await fetch(location.href)).text());
    if (page.querySelector("#answer")) await goOn(page);
  } catch { /* still not connected */ }
});
