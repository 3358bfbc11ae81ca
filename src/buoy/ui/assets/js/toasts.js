// Short news in the corner. They go by themselves, but not while a pointer or the focus rests on one, and never
// when they tell of a failure.

const STAYS = 7000;
const shelf = document.getElementById("toasts");

export function toast(text, tone) {
  const fresh = document.getElementById("toast-template").content.firstElementChild.cloneNode(true);
  fresh.classList.add(`toast-${tone}`);
  fresh.querySelector("[data-text]").textContent = text;
  shelf.append(fresh);
}

function arrive(element) {
  // Shown anew, the shelf lies above a dialog that was opened in the meantime.
  if (shelf.matches(":popover-open")) shelf.hidePopover();
  shelf.showPopover();
  const stays = element.classList.contains("toast-bad");
  if (!stays) schedule(element);
}

function schedule(element) {
  setTimeout(() => (element.matches(":hover, :focus-within") ? schedule(element) : element.remove()), STAYS);
}

if (shelf) {
  // Set here and not in the page: with no script a popover would never be shown.
  shelf.popover = "manual";
  shelf.addEventListener("click", (event) => event.target.closest("[data-dismiss]")?.closest(".toast").remove());
  [...shelf.children].forEach(arrive);
  const watcher = new MutationObserver((changes) => {
    changes.flatMap((change) => [...change.addedNodes]).forEach((node) => node.classList?.contains("toast") && arrive(node));
  });
  watcher.observe(shelf, { childList: true });
}
