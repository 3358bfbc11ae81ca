// Menus are popovers: the browser opens them, closes them on Escape and on a press elsewhere. Here they are put
// beside their button, and the arrow keys walk through them.

const GAP = 4;

export function place(box, beside, { centred = false } = {}) {
  const room = beside.getBoundingClientRect();
  const rtl = getComputedStyle(beside).direction === "rtl";
  const { offsetWidth: width, offsetHeight: height } = box;
  const { clientWidth, clientHeight } = document.documentElement;
  const start = rtl ? clientWidth - room.right : room.left;
  const end = rtl ? clientWidth - room.left : room.right;
  let inline = centred ? (start + end - width) / 2 : start;
  if (inline + width > clientWidth - GAP) inline = centred ? clientWidth - GAP - width : end - width;
  let block = room.bottom + GAP;
  if (block + height > clientHeight - GAP && room.top - GAP - height > 0) block = room.top - GAP - height;
  box.style.insetInlineStart = `${Math.max(GAP, inline)}px`;
  box.style.insetBlockStart = `${block}px`;
}

function opener(menu) {
  return document.querySelector(`[popovertarget="${CSS.escape(menu.id)}"]`);
}

function items(menu) {
  return [...menu.querySelectorAll('[role^="menuitem"]:not(:disabled)')];
}

document.addEventListener(
  "toggle",
  (event) => {
    const menu = event.target;
    if (!menu.matches?.(".menu[popover]")) return;
    const button = opener(menu);
    const isOpen = event.newState === "open";
    button?.setAttribute("aria-expanded", String(isOpen));
    if (!isOpen || !button) return;
    place(menu, button);
    (menu.querySelector('[aria-checked="true"]') ?? items(menu)[0])?.focus({ preventScroll: true });
  },
  true,
);

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.(".menu[popover]");
  if (event.key === "ArrowDown" && event.target.matches?.("[aria-haspopup=menu]")) {
    event.preventDefault();
    document.getElementById(event.target.getAttribute("popovertarget")).showPopover();
    return;
  }
  if (!menu) return;
  const all = items(menu);
  const at = all.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
  if (to !== undefined) {
    event.preventDefault();
    all.at(to % all.length).focus();
  } else if (event.key === "Tab") {
    menu.hidePopover();
  } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey) {
    const letter = event.key.toLocaleLowerCase();
    const later = [...all.slice(at + 1), ...all.slice(0, at + 1)];
    later.find((item) => item.textContent.trim().toLocaleLowerCase().startsWith(letter))?.focus();
  }
});

// While the page scrolls, an open menu stays with its button.
document.addEventListener(
  "scroll",
  (event) => {
    if (event.target.closest?.(".menu")) return;
    document.querySelectorAll(".menu:popover-open").forEach((menu) => place(menu, opener(menu)));
  },
  { capture: true, passive: true },
);
