// The auditor's desk: what is typed is sent at once and again when the connection returns, single keys, and focus.
// Every page works without this file; nothing here decides anything.
(() => {
  "use strict";

  const SLOW = 400;              // "Saving" is shown only when a save takes longer than this
  const RETRY = [2000, 5000, 10000, 20000, 30000];
  const unsent = new Map();      // field group -> number of its last change
  const sent = new WeakMap();    // field group -> number of the change its last request carried
  let changes = 0, attempts = 0, timer = null, slow = null;

  const saved = () => document.getElementById("saved");
  const group = (element) => element && element.closest && element.closest("[data-save]");
  const say = (text) => {
    const place = saved();
    if (place) { place.textContent = text; place.classList.add("desk-saved--waiting"); }
  };

  // ---- saving ---------------------------------------------------------------
  document.addEventListener("input", (event) => {
    const changed = group(event.target);
    if (changed) unsent.set(changed, ++changes);
  });

  document.addEventListener("htmx:configRequest", (event) => {
    const asked = event.detail.elt;
    if (group(asked)) sent.set(group(asked), changes);
    if (asked.id === "answer" || (event.detail.verb === "get" && asked.closest("#question, #sections"))) keepPlace(event.detail.parameters);
    // turning a page must not bring back the question that the page was opened with
    if (asked.closest("#document")) event.detail.path = location.pathname + new URL(asked.href).search;
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (!group(event.detail.elt)) return;
    if (!unsent.has(group(event.detail.elt))) { event.preventDefault(); return; }  // it went with the request before
    clearTimeout(slow);
    slow = setTimeout(() => say("Saving"), SLOW);
  });

  document.addEventListener("htmx:beforeSwap", (event) => {
    const status = event.detail.xhr.status;
    if (status === 409 || status === 422) { event.detail.shouldSwap = true; event.detail.isError = false; return; }
    if (group(event.detail.elt) && !event.detail.xhr.getResponseHeader("X-Saved")) event.detail.shouldSwap = false;
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    const changed = group(event.detail.elt);
    if (!changed) return;
    clearTimeout(slow);
    const xhr = event.detail.xhr;
    if (xhr.status === 409 || xhr.status === 422) return answered(changed);
    if (xhr.status >= 200 && xhr.status < 300) return xhr.getResponseHeader("X-Saved") ? answered(changed) : signedOut();
    if (xhr.status === 400 || xhr.status === 401) return signedOut();
    if (xhr.status >= 400 && xhr.status < 500) return gone(changed);
    waitAndRetry();
  });

  function answered(changed) {
    if (unsent.get(changed) === undefined || unsent.get(changed) <= (sent.get(changed) || 0)) unsent.delete(changed);
    const place = saved();
    if (place) place.classList.remove("desk-saved--waiting");
    attempts = 0;
    if (unsent.size && !timer) timer = setTimeout(resend, RETRY[0]);
  }

  function waitAndRetry() {
    const count = unsent.size > 1 ? ` (${unsent.size} changes)` : "";
    say(`Not sent yet${count}. Keep this page open`);
    if (!timer) timer = setTimeout(resend, RETRY[Math.min(attempts++, RETRY.length - 1)]);
  }

  function signedOut() {
    const place = saved();
    if (!place) return;
    say("Not sent: you are signed out. ");
    const link = document.createElement("a");
    link.className = "govuk-link"; link.href = "/"; link.target = "_blank"; link.rel = "noopener";
    link.textContent = "Sign in in a new tab";
    place.append(link, ", then come back to this page");
  }

  function gone(changed) {
    unsent.delete(changed);
    say("Not saved: this plan is no longer on your list");
  }

  async function renewToken() {
    const page = await fetch(location.href, { credentials: "same-origin" });
    const fresh = new DOMParser().parseFromString(await page.text(), "text/html").querySelector("#question [name=csrf_token]");
    if (!fresh) return false;
    document.querySelectorAll("[name=csrf_token]").forEach((field) => { field.value = fresh.value; });
    return true;
  }

  function resend() {
    timer = null;
    for (const changed of unsent.keys()) {
      if (document.contains(changed)) htmx.trigger(changed, "resend"); else unsent.delete(changed);
    }
  }

  window.addEventListener("online", resend);
  document.addEventListener("visibilitychange", async () => {
    if (document.hidden || !unsent.size) return;
    try { if (await renewToken()) resend(); } catch { waitAndRetry(); }
  });
  window.addEventListener("beforeunload", (event) => { if (unsent.size) event.preventDefault(); });
  document.addEventListener("submit", (event) => { if (event.target.id === "answer") unsent.clear(); });

  // ---- moving between questions ------------------------------------------------
  function keepPlace(parameters) {
    const shown = document.getElementById("document");
    if (!shown || !shown.dataset.document) return;
    parameters["document"] = shown.dataset.document;
    parameters["page"] = shown.dataset.page;
    if (shown.dataset.view) parameters["view"] = shown.dataset.view;
  }

  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target.id === "question") {
      const title = document.querySelector("#question h1");
      if (title) { title.focus({ preventScroll: true }); window.scrollTo(0, 0); }
      if (unsent.size) resend();  // a quick key may come before the new question is wired up
    }
    if (event.detail.target.id === "conflict") document.getElementById("conflict").focus();
  });

  // ---- the document over the page, on a phone --------------------------------------
  const overlay = () => location.hash === "#document" && matchMedia("(max-width: 1100px)").matches;
  function cover() {
    const over = overlay();
    document.querySelectorAll(".app-header, .desk-bar, #question, #sections, footer").forEach((part) => { part.inert = over; });
    const target = document.getElementById(over ? "document" : "question");
    if (target && (over || location.hash === "#question")) target.focus({ preventScroll: true });
  }
  window.addEventListener("hashchange", cover);
  cover();

  // ---- single keys -------------------------------------------------------------------
  const off = () => { const desk = document.getElementById("desk"); return !desk || desk.dataset.shortcuts === "off"; };
  const writing = (element) => element.matches("textarea, select, [contenteditable], input:not([type=radio], [type=checkbox], [type=submit])");

  function use(target) {
    if (target.matches("summary")) { target.click(); target.focus(); return; }
    if (target.matches("textarea, [data-focus]")) { target.focus(); target.scrollIntoView({ block: "center" }); return; }
    target.click();
  }

  function quoteSelection() {
    const words = String(getSelection()).trim(), field = document.getElementById("quote");
    if (!words || !field || field.disabled) return;
    field.value = words;
    field.closest("details").open = true;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && overlay()) { location.hash = "question"; return; }
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented || writing(event.target)) return;
    const dialog = document.getElementById("keys");
    if (event.key === "?" && dialog) { event.preventDefault(); dialog.open ? dialog.close() : dialog.showModal(); return; }
    if (off() || (dialog && dialog.open) || overlay()) return;
    const key = event.key.toLowerCase();
    if (key === "q") { quoteSelection(); return; }
    const target = document.querySelector(`[data-key="${CSS.escape(key)}"]:not(:disabled)`);
    if (!target) return;
    event.preventDefault();
    use(target);
  });

  document.addEventListener("click", (event) => {
    const dialog = document.getElementById("keys");
    if (dialog && event.target.closest("[data-keys-open]")) { event.preventDefault(); dialog.showModal(); }
    if (dialog && event.target.closest("[data-keys-close]")) dialog.close();
  });
})();
