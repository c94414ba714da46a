const form = document.querySelector("form"), shown = document.getElementById("shown");
const issues = [...document.querySelectorAll("article")], files = [...document.querySelectorAll("main > section")];
const texts = new Map();
const nameOf = (it) => it.parentElement.firstElementChild.textContent.toLowerCase() + " ";
const textOf = (it) => texts.get(it) ?? texts.set(it, nameOf(it) + it.textContent.toLowerCase()).get(it);
function update() {
  const severities = new Set([...form.querySelectorAll("[name=severity]:checked")].map((box) => box.value));
  const rule = form.rule.value, file = form.file.value, words = form.text.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const it of issues) {
    const right = severities.has(it.dataset.severity) && (!rule || it.dataset.rule === rule)
      && (!file || it.parentElement.id === file) && words.every((word) => textOf(it).includes(word));
    it.hidden = !right;
    count += right;
  }
  for (const it of files) it.hidden = !it.querySelector("article:not([hidden])");
  shown.textContent = `${count} of ${issues.length} shown`;
}
form.addEventListener("input", update);
form.addEventListener("reset", () => setTimeout(update));
form.addEventListener("submit", (event) => event.preventDefault());
for (const link of document.querySelectorAll("a[data-rule]")) {
  link.addEventListener("click", () => { form.rule.value = link.dataset.rule; update(); });
}
form.hidden = false;
update();
