// Cards that are dragged between columns. Whoever cannot drag uses the menu on each card: it posts the same form.
import Sortable from "sortablejs";

document.querySelectorAll(".board-cards").forEach((column) => {
  Sortable.create(column, {
    group: column.closest(".board").id,
    animation: 140,
    ghostClass: "board-ghost",
    delay: 120,
    delayOnTouchOnly: true,
    filter: "button, a, .menu",
    preventOnFilter: false,
    onEnd({ from, to, item }) {
      if (from === to) return;
      const form = item.querySelector("form[data-move]");
      const button = form.querySelector(`[value="${CSS.escape(to.dataset.column)}"]`);
      form.requestSubmit(button);
    },
  });
});

document.documentElement.dataset.board = "ready";
