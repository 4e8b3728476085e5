// What the page does without this, it does with it too; this only saves taps.
(() => {
  const form = document.getElementById("answers");
  if (!form) return;

  // What is answered in a field: the chosen values, or the number as typed.
  const answers = (name) => [...form.elements]
    .filter((e) => e.name === name && (e.type !== "radio" && e.type !== "checkbox" || e.checked))
    .map((e) => e.value.trim()).filter((v) => v !== "");

  const conditional = [...form.querySelectorAll("[data-if]")];
  const hidden = new Set();

  const met = ({ if: on, any, min, max }) => {
    const given = hidden.has(on) ? [] : answers(on);
    if (any) return given.some((v) => any.split(" ").includes(v));
    if (!given.length) return false;
    const x = Number(given[0].replace(",", "."));
    return !Number.isNaN(x) && (min === "" || x >= Number(min)) && (max === "" || x <= Number(max));
  };

  // A condition refers to an earlier question, so one pass is enough.
  const update = () => {
    hidden.clear();
    for (const question of conditional) {
      question.hidden = !met(question.dataset);
      if (question.hidden) for (const e of question.querySelectorAll("[name]")) hidden.add(e.name);
    }
    for (const clear of form.querySelectorAll(".clear")) {
      clear.hidden = !clear.parentElement.querySelector(":checked");
    }
  };

  form.addEventListener("input", update);
  // Answers that were filled in by the page itself.
  form.addEventListener("filled", update);
  form.addEventListener("click", ({ target }) => {
    if (!target.classList.contains("clear")) return;
    const chosen = target.parentElement.querySelector(":checked");
    if (!chosen) return;
    chosen.checked = false;
    chosen.focus();
    chosen.dispatchEvent(new Event("input", { bubbles: true }));
  });
  document.documentElement.classList.add("js");
  // A page that the browser brings back has its answers only after it is shown.
  addEventListener("pageshow", update);
  update();

  // The first thing to read is what is wrong.
  document.getElementById("alert")?.focus();
})();
