// Names the files that were chosen or dropped, and colours the area while one is held over it.

const units = ["byte", "kilobyte", "megabyte", "gigabyte"];

function size(bytes) {
  const power = Math.min(3, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const style = { style: "unit", unit: units[power], maximumFractionDigits: power ? 1 : 0 };
  return new Intl.NumberFormat(document.documentElement.lang, style).format(bytes / 1000 ** power);
}

function row(file, template) {
  const fresh = template.content.firstElementChild.cloneNode(true);
  fresh.querySelector("[data-name]").textContent = file.name;
  fresh.querySelector("[data-size]").textContent = size(file.size);
  return fresh;
}

document.addEventListener("change", (event) => {
  const area = event.target.closest?.(".drop");
  if (!area) return;
  const template = document.getElementById("file-template");
  const rows = [...event.target.files].map((file) => row(file, template));
  area.parentElement.querySelector(".file-list").replaceChildren(...rows);
});

for (const [name, isOver] of [["dragenter", true], ["dragleave", false], ["drop", false]]) {
  document.addEventListener(name, (event) => event.target.closest?.(".drop")?.classList.toggle("is-over", isOver));
}
