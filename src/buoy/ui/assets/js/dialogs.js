// [data-opens="id"] shows the dialog with that id; [data-closes] closes the one around it. The rest is the
// browser's: focus moves in, stays inside, and returns to the button that opened it.

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) {
    event.preventDefault();
    document.getElementById(opener.dataset.opens).showModal();
    return;
  }
  if (event.target.closest("[data-closes]")) {
    event.target.closest("dialog").close();
  }
});

// A press that begins on the backdrop closes; one that began inside and slid out does not.
document.addEventListener("pointerdown", (event) => {
  const dialog = event.target;
  if (!(dialog instanceof HTMLDialogElement) || !dialog.open || "keeps" in dialog.dataset) return;
  const { left: start, right: end, top, bottom } = dialog.getBoundingClientRect();
  const inside = event.clientX >= start && event.clientX <= end && event.clientY >= top && event.clientY <= bottom;
  if (!inside) dialog.close();
});

// What a fragment brings with data-shows is shown at once: a drawer whose content the server has just drawn.
document.addEventListener("htmx:after:swap", () => {
  document.querySelectorAll("dialog[data-shows]:not([open])").forEach((dialog) => {
    dialog.removeAttribute("data-shows");
    dialog.showModal();
  });
});
