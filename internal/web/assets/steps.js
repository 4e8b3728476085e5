// Shows one question at a time, with how far one has come, and Back and Next under
// the thumb. Without this all questions stand on one page.
(() => {
  const form = document.getElementById("answers");
  const intro = document.getElementById("intro");
  const progress = document.getElementById("progress");
  if (!form || !intro || !progress) return;
  const steps = [...form.querySelectorAll(".step")];
  const [back, next] = [form.querySelector(".back"), form.querySelector(".next")];
  const last = form.querySelector('.send [value="final"]');
  const notice = document.querySelector("main > .notice");
  const alert = document.getElementById("alert");
  if (!steps.length) return;

  const fieldOf = (step) => step.querySelector("[name]").name;
  let at = -1; // −1 is what is said before the first question
  const show = (n) => {
    at = Math.max(-1, Math.min(n, steps.length - 1));
    document.documentElement.classList.toggle("stepping", at >= 0);
    intro.hidden = at >= 0;
    for (const group of form.querySelectorAll(".group")) group.hidden = !group.contains(steps[at] ?? null);
    steps.forEach((step, i) => { step.hidden = i !== at; });
    back.hidden = at < 0;
    next.hidden = at === steps.length - 1;
    next.textContent = at < 0 ? next.dataset.begin : next.dataset.next;
    last.hidden = !next.hidden;
    progress.hidden = at < 0;
    form.elements._place.value = at < 0 ? "" : fieldOf(steps[at]);
    if (at < 0) return;
    const bar = progress.querySelector("progress");
    const text = progress.dataset.of.replace("{n}", at + 1).replace("{of}", steps.length);
    [bar.max, bar.value] = [steps.length, at + 1];
    bar.setAttribute("aria-valuetext", text);
    progress.querySelector("p").textContent = text;
  };
  const stepOf = (element) => steps.findIndex((step) => step.contains(element));

  // Moves on by the reader's will: the focus goes to the question's heading.
  const go = (n, pushed = true) => {
    if (notice) notice.hidden = true;
    if (alert) alert.hidden = true;
    show(n);
    if (pushed) history.pushState({ step: at }, "");
    const heading = at < 0 ? document.querySelector("main > h1") : steps[at].querySelector("legend, .prompt");
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
    scrollTo(0, 0);
    if (at >= 0) form.dispatchEvent(new CustomEvent("place", { detail: fieldOf(steps[at]) }));
  };

  next.addEventListener("click", () => go(at + 1));
  back.addEventListener("click", () => go(at - 1));
  addEventListener("popstate", ({ state }) => { if (Number.isInteger(state?.step)) go(state.step, false); });
  // Enter in an answer leads on, and never submits by itself.
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches(".question input")) return;
    event.preventDefault();
    if (at < steps.length - 1) go(at + 1);
    else last.focus();
  });
  // A link to a question leads to its step.
  alert?.addEventListener("click", (event) => {
    const target = event.target.closest("a") && document.getElementById(event.target.closest("a").hash.slice(1));
    if (!target) return;
    event.preventDefault();
    go(stepOf(target));
    target.focus();
  });

  // Where to begin: at what is wrong, at what the address names, where any device
  // stopped, or with what is said first.
  const begin = () => {
    const met = intro.querySelector(".met .notice, .met details[open]");
    const wrong = form.querySelector(".wrong");
    const named = document.getElementById(decodeURIComponent(location.hash.slice(1))) ?? form.querySelector("[data-tap]");
    const place = form.elements._place.value && [...form.elements].find((e) => e.name === form.elements._place.value);
    if (wrong) return stepOf(wrong);
    if (met) return -1;
    if (named && stepOf(named) >= 0) return stepOf(named);
    if (history.state?.step >= 0) return history.state.step;
    if (place) return stepOf(place);
    return notice ? 0 : -1;
  };
  for (const button of form.querySelectorAll('.send [value="draft"]')) button.hidden = true;
  show(begin());
  history.replaceState({ step: at }, "");
})();
