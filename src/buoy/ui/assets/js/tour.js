// Outlines what a step of the tour speaks of, and brings it into view.
const step = document.getElementById("tour");
const spoken = step ? [...document.querySelectorAll(step.dataset.points)] : [];
spoken.forEach((part) => part.classList.add("is-pointed"));
spoken[0]?.scrollIntoView({ block: "nearest" });
