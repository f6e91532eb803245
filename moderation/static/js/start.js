// Starts GOV.UK's components, on the page and in every fragment that htmx or the desk brings in.
import { initAll } from "../vendor/govuk-frontend.min.js";

initAll();
// A form that could not be sent in place is sent the plain way: its answer is a page that says what is wrong.
for (const failed of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(failed, (event) => { if (event.detail.elt.matches("form[data-plain]")) event.detail.elt.submit(); });
}
document.addEventListener("desk:question", () => initAll({ scope: document.getElementById("question") }));
document.addEventListener("htmx:load", (event) => {
  if (event.detail.elt !== document.body) initAll({ scope: event.detail.elt });
});
