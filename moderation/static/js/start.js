// Starts GOV.UK's components, on the page and in every fragment that htmx brings in.
import { initAll } from "../vendor/govuk-frontend.min.js";

initAll();
document.addEventListener("htmx:load", (event) => {
  if (event.detail.elt !== document.body) initAll({ scope: event.detail.elt });
});
