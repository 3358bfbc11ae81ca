// One stop of the Tab key for a whole chart; the arrow keys walk through its marks, and each tells its numbers.

document.addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  const picture = event.target.closest?.(".chart svg");
  if (!step || !picture) return;
  event.preventDefault();
  const sideways = event.key === "ArrowLeft" || event.key === "ArrowRight";
  const mirrored = sideways && document.documentElement.dir === "rtl" ? -1 : 1;
  const marks = [...picture.querySelectorAll(".chart-hit")];
  const at = marks.indexOf(document.activeElement);
  const to = at < 0 ? 0 : Math.max(0, Math.min(marks.length - 1, at + step * mirrored));
  marks[to]?.focus();
});
