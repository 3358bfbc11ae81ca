// The words of [data-tip] beside what the pointer or the focus is on: the name of a button that is only an icon,
// the numbers behind a bar. A reader of screens has them already as the element's name.
import { place } from "./menus.js";

const tip = document.getElementById("tooltip");
let over = null;
let timer;

function show(element) {
  over = element;
  tip.textContent = element.dataset.tip;
  tip.showPopover();
  place(tip, element, { centred: true });
}

function hide() {
  clearTimeout(timer);
  if (over) tip.hidePopover();
  over = null;
}

if (tip) {
  document.addEventListener("pointerover", (event) => {
    const element = event.target.closest?.("[data-tip]");
    if (element === over) return;
    hide();
    if (element && event.pointerType !== "touch") timer = setTimeout(show, element.closest(".chart") ? 0 : 350, element);
  });
  document.addEventListener("focusin", (event) => {
    hide();
    const element = event.target.closest?.("[data-tip]");
    if (element?.matches(":focus-visible")) show(element);
  });
  document.addEventListener("pointerdown", hide);
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
  document.addEventListener("scroll", hide, { capture: true, passive: true });
}
