// Tabs that show one of several panels of the same page. Tabs that lead to other pages are links and need nothing.

function choose(tab) {
  const list = tab.closest('[role="tablist"]');
  for (const each of list.querySelectorAll('[role="tab"]')) {
    const isChosen = each === tab;
    each.setAttribute("aria-selected", String(isChosen));
    each.tabIndex = isChosen ? 0 : -1;
    document.getElementById(each.getAttribute("aria-controls")).hidden = !isChosen;
  }
}

document.addEventListener("click", (event) => {
  const tab = event.target.closest('[role="tab"]');
  if (tab) choose(tab);
});

document.addEventListener("keydown", (event) => {
  const tab = event.target.closest?.('[role="tab"]');
  if (!tab) return;
  const all = [...tab.closest('[role="tablist"]').querySelectorAll('[role="tab"]')];
  const at = all.indexOf(tab);
  const forward = getComputedStyle(tab).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
  const to = { [forward]: at + 1, Home: 0, End: all.length - 1 }[event.key];
  const back = event.key.startsWith("Arrow") && event.key !== forward && !/Up|Down/.test(event.key);
  if (to === undefined && !back) return;
  event.preventDefault();
  const next = all.at(back ? at - 1 : to % all.length);
  choose(next);
  next.focus();
});
