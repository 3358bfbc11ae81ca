// While somebody chooses a brand, the page wears it: [data-token="--accent"] names the token that a field sets.
const root = document.documentElement;

document.addEventListener("input", (event) => {
  const { token, unit = "" } = event.target.dataset;
  if (token) root.style.setProperty(token, event.target.value + unit);
});
