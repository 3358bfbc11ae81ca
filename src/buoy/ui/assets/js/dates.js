// A native field for a date shows the order of day and month that the browser has, not that of the page. So the chosen
// day stands below it in words.

function say(field) {
  let words = field.nextElementSibling;
  if (!words?.matches(".date-words")) {
    words = document.createElement("output");
    words.className = "date-words field-help";
    field.after(words);
  }
  const style = { weekday: "long", day: "numeric", month: "long", year: "numeric", timeZone: "UTC" };
  const chosen = field.valueAsDate;
  words.textContent = chosen ? new Intl.DateTimeFormat(document.documentElement.lang, style).format(chosen) : "";
}

function sayAll() {
  document.querySelectorAll("input[type=date]").forEach(say);
}

sayAll();
document.addEventListener("change", (event) => event.target.matches("input[type=date]") && say(event.target));
document.addEventListener("htmx:after:swap", sayAll);
