// The command palette: Ctrl-K or Cmd-K anywhere. The server answers what was typed with options; htmx fetches
// them, and an option leads to the address in its data-address.
import { activate, active, move, options } from "./listbox.js";

const palette = document.getElementById("palette");
const input = palette?.querySelector("input");
const list = palette?.querySelector('[role="listbox"]');

function open() {
  if (palette.open) return;
  palette.showModal();
  input.select();
  if (!list.childElementCount) input.dispatchEvent(new Event("palette:open"));
}

if (palette) {
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
      event.preventDefault();
      open();
    }
  });

  document.addEventListener("click", (event) => event.target.closest("[data-palette]") && open());

  input.addEventListener("keydown", (event) => {
    if (move(event.key, input, list)) event.preventDefault();
    if (event.key === "Enter") {
      event.preventDefault();
      active(list)?.click();
    }
  });

  list.addEventListener("click", (event) => {
    const option = event.target.closest("[data-address]");
    if (option) location.assign(option.dataset.address);
  });

  list.addEventListener("pointermove", (event) => {
    const option = event.target.closest('[role="option"]');
    if (option && option !== active(list)) activate(input, list, option);
  });

  new MutationObserver(() => {
    const found = options(list).filter((option) => option.dataset.address);
    activate(input, list, found[0]);
    palette.querySelector("[data-found]").textContent = document.body.dataset.found.replace("{count}", found.length);
  }).observe(list, { childList: true });
}
