// The room: the time of an item, what is typed and not sent yet, and a lost connection. Every page works without this file.
(() => {
  "use strict";

  // ---- time left ------------------------------------------------------------------
  const timer = document.querySelector("[data-ends]");
  const SPOKEN = [5, 1, 0];
  if (timer) {
    const skew = Number(timer.dataset.now) * 1000 - Date.now();  // this clock may be wrong, the server's is what counts
    const ends = Number(timer.dataset.ends) * 1000, whole = Number(timer.dataset.minutes) * 60;
    const left = timer.querySelector("[data-left]"), bar = timer.querySelector("progress"), spoken = timer.querySelector("[data-spoken]");
    let last = null;
    const tell = () => {
      const seconds = Math.floor((ends - Date.now() - skew) / 1000), minutes = Math.max(0, Math.ceil(seconds / 60));
      left.textContent = seconds > 0 ? `${minutes} min left` : `0 min left, ${Math.floor(-seconds / 60)} over`;
      bar.value = Math.min(whole, Math.max(0, whole - seconds));
      if (minutes !== last && last !== null && SPOKEN.includes(minutes)) spoken.textContent = `${minutes} ${minutes === 1 ? "minute" : "minutes"} left for this item`;
      last = minutes;
    };
    tell();
    setInterval(tell, 1000);
  }

  // ---- what is typed ----------------------------------------------------------------
  const RETRY = [2000, 5000, 10000, 20000];
  const form = document.getElementById("decision");
  const CARRIED = ["csrf_token", "version", "question", "to", "ballot"];
  let unsent = Boolean(form && document.querySelector(".govuk-error-summary, .app-draft__both"));  // shown again: it was not taken
  let touched = unsent, bare = false, attempts = 0, waiting = null;
  const place = () => document.querySelector("#draft .app-draft__saved");
  const say = (text) => { const at = place(); if (at) at.textContent = text; };

  function retry() {
    say("Not connected. What you type is kept here. Keep this page open.");
    if (!waiting) waiting = setTimeout(() => { waiting = null; htmx.trigger(form, "resend"); }, RETRY[Math.min(attempts++, RETRY.length - 1)]);
  }

  if (form) {
    form.addEventListener("input", () => { unsent = touched = true; });
    const differs = () => [...form.elements].some((at) => at.checked !== at.defaultChecked || at.value !== (at.defaultValue ?? at.value));
    // A button that leads the room sends what is typed here, and nothing where nobody has typed: the draft may be someone else's.
    form.addEventListener("submit", (event) => {
      unsent = false;
      bare = "leads" in (event.submitter?.dataset || {}) && !touched && !differs();
    });
    form.addEventListener("formdata", (event) => {
      if (!bare) return;
      for (const name of [...event.formData.keys()]) if (!CARRIED.includes(name)) event.formData.delete(name);
      bare = false;
    });
    for (const word of document.querySelectorAll("[data-without-script]")) word.hidden = true;
    // Any other form of the page (defer, sign out) waits until what is typed here is kept. Where it cannot be, the browser asks.
    document.addEventListener("submit", (event) => {
      if (event.target === form || !unsent) return;
      event.preventDefault();
      const sent = { method: "POST", headers: { "HX-Request": "true" }, body: new URLSearchParams(new FormData(form)) };
      fetch(form.getAttribute("hx-post"), sent).then((answer) => { unsent = !answer.ok; }, () => {}).then(() => event.target.submit());
    });
    addEventListener("online", () => { if (unsent) htmx.trigger(form, "resend"); });
    addEventListener("beforeunload", (event) => { if (unsent) event.preventDefault(); });
    form.addEventListener("htmx:afterRequest", (event) => {
      if (event.detail.elt !== form) return;
      const status = event.detail.xhr.status;
      if (status === 200) { unsent = false; attempts = 0; }
      else if (status === 400 || status === 401) say("Not saved: you are signed out. Sign in in another tab, then type on here.");
      else if (status === 0 || status >= 500) retry();
    });
    document.addEventListener("htmx:afterSwap", () => { const both = document.querySelector(".app-draft__both"); if (both && !both.dataset.seen) { both.dataset.seen = "yes"; both.focus(); } });
  }

  // ---- a lost connection ------------------------------------------------------------
  // The small questions fail: say so once, take it back when one is answered again.
  const banner = document.createElement("p");
  banner.className = "app-warn"; banner.setAttribute("role", "status");
  const lost = (is) => { banner.textContent = is ? "Not connected. This page tries again by itself. A vote that is in is kept." : ""; banner.hidden = !is; };
  const main = document.getElementById("main-content");
  if (main && document.querySelector("[hx-trigger^=every]")) {
    lost(false);
    main.prepend(banner);
    document.addEventListener("htmx:sendError", () => lost(true));
    document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.xhr.status) lost(false); });
  }
})();
