// What surrounds a request of htmx: a line that shows it takes long, our own question before a dangerous one, and
// words when it fails. A failed answer never lands in the page; "noSwap" in the page's head sees to that.
import { toast } from "./toasts.js";

const words = document.body.dataset;
let waiting = 0;

function wait(change) {
  waiting = Math.max(0, waiting + change);
  document.body.classList.toggle("is-waiting", waiting > 0);
}

document.addEventListener("htmx:before:request", () => wait(1));
document.addEventListener("htmx:finally:request", () => wait(-1));

document.addEventListener("htmx:response:error", (event) => {
  const { status } = event.detail.ctx.response;
  if (status >= 500) toast(words.failed, "bad");
  else if (status === 403) toast(words.forbidden, "bad");
  else if (status === 404) toast(words.missing, "bad");
});

document.addEventListener("htmx:error", () => toast(words.unreached, "bad"));
document.addEventListener("buoy:failed", () => toast(words.failed, "bad"));

document.addEventListener("htmx:confirm", (event) => {
  const dialog = document.getElementById("confirm");
  const { ctx, issueRequest, dropRequest } = event.detail;
  if (!ctx.confirm || !dialog) return;
  event.preventDefault();
  dialog.querySelector("[data-question]").textContent = ctx.confirm;
  const isDanger = ctx.sourceElement.matches(".button-danger, .menu-item-danger");
  dialog.querySelector("[value=yes]").classList.toggle("button-danger", isDanger);
  dialog.returnValue = "";
  dialog.addEventListener("close", () => (dialog.returnValue === "yes" ? issueRequest() : dropRequest()), {
    once: true,
  });
  dialog.showModal();
});

// A form that comes back with mistakes leads to the first of them.
document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail.ctx?.response?.status !== 422) return;
  const wrong = [...document.querySelectorAll('[aria-invalid="true"]:not([hidden])')];
  wrong.find((field) => field.closest("form")?.matches("[hx-post]"))?.focus();
});

// A form that is not sent by htmx shows that it is on its way, and is not sent twice.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method === "dialog") return;
  const button = event.submitter;
  if (!button || event.target.hasAttribute("hx-post")) return;
  if (button.ariaBusy === "true") event.preventDefault();
  else setTimeout(() => (button.ariaBusy = "true"));
});

// A page that comes back from the browser's memory, by its "back" button, comes with its buttons still waiting.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  document.querySelectorAll(".button[aria-busy]").forEach((button) => (button.ariaBusy = null));
});
