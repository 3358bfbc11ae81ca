// Choosing rows: the box in the head chooses all, and the bar with what can be done counts them. That it shows at all is the
// style sheet's work.

function refresh(table) {
  const boxes = [...table.querySelectorAll("tbody .table-pick")];
  const chosen = boxes.filter((box) => box.checked);
  const all = table.querySelector("thead .table-pick");
  if (all) {
    all.checked = boxes.length > 0 && chosen.length === boxes.length;
    all.indeterminate = chosen.length > 0 && chosen.length < boxes.length;
  }
  const bar = document.getElementById(table.dataset.bulk);
  if (!bar) return;
  const count = bar.querySelector("[data-count]");
  count.textContent = new Intl.NumberFormat(document.documentElement.lang).format(chosen.length);
}

document.addEventListener("change", (event) => {
  if (!event.target.matches(".table-pick")) return;
  const table = event.target.closest("table");
  if (event.target.closest("thead")) {
    table.querySelectorAll("tbody .table-pick").forEach((box) => (box.checked = event.target.checked));
  }
  refresh(table);
});
