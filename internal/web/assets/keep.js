// Keeps every answer as it is given: in the browser until the server has it, and
// sends it as soon as there is a connection, once or more, which is the same. Of
// two answers to a question the newer counts, whichever device it comes from, so
// each goes with the time at which it was given.
(() => {
  const form = document.getElementById("answers");
  if (!form?.dataset.key) return;
  const said = document.getElementById("kept");
  const key = "mentorpulse:" + form.dataset.key;
  const api = "/api/v1" + location.pathname;
  const lang = document.documentElement.lang;

  // What the server does not have yet, by field: as typed, and when. final is set
  // when all was submitted without a connection.
  let spare = { answers: {} };
  // On a device that people share it is kept as long as the page, so that nobody
  // after them finds it.
  const shared = "shared" in form.dataset;
  let storable = !shared;
  const load = () => {
    if (shared) return spare;
    try {
      return JSON.parse(localStorage.getItem(key)) ?? spare;
    } catch {
      return spare;
    }
  };
  const store = (kept) => {
    spare = kept;
    if (shared) return;
    try {
      if (kept.final || kept.place || Object.keys(kept.answers).length) localStorage.setItem(key, JSON.stringify(kept));
      else localStorage.removeItem(key);
    } catch {
      storable = false; // private browsing, or no room: it is kept as long as the page
    }
  };

  // The server's time, for clocks that are wrong.
  const arrived = performance.timeOrigin + (performance.getEntriesByType("navigation")[0]?.responseStart ?? performance.now());
  const ahead = Number(form.dataset.now) - arrived;
  const now = () => Math.round(Date.now() + ahead);

  const fields = (name) => [...form.elements].filter((e) => e.name === name);
  const question = (name) => fields(name)[0]?.closest(".question");
  const typed = (name) => fields(name)
    .filter((e) => e.type !== "radio" && e.type !== "checkbox" || e.checked)
    .map((e) => e.value).filter((v) => v.trim() !== "");
  const fill = (name, values) => {
    for (const e of fields(name)) {
      if (e.type === "radio" || e.type === "checkbox") e.checked = values.includes(e.value);
      else e.value = values[0] ?? "";
    }
  };

  // When the answer that a field shows was given.
  const given = {};
  for (const q of form.querySelectorAll(".question[data-at]")) given[q.querySelector("[name]").name] = Number(q.dataset.at);

  // An answer as the server takes it; nothing for a number that is none (yet).
  const answer = (name, { v, at }) => {
    const one = { item: name, at: new Date(at).toISOString() };
    const kind = question(name)?.dataset.kind;
    if (!kind) return null;
    if (!v.length) return one;
    if (kind === "choices") return { ...one, choices: v };
    if (kind === "text") return { ...one, text: v[0] };
    const value = Number(v[0].trim().replace(",", "."));
    return Number.isNaN(value) ? null : { ...one, value };
  };
  const pending = () => Object.entries(load().answers).filter(([, a]) => !a.bad).map(([name, a]) => answer(name, a)).filter(Boolean);

  const say = (what, text) => {
    text ??= what ? said.dataset[["here", "whole"].includes(what) && !storable ? "nowhere" : what] : "";
    if (said.textContent !== text) said.textContent = text;
    said.dataset.state = what;
  };

  const record = (name) => {
    const kept = load();
    // Later than what the participant sees, whatever the clocks say.
    given[name] = Math.max(now(), (given[name] ?? 0) + 1);
    kept.answers[name] = { v: typed(name), at: given[name] };
    store(kept);
  };

  // The server has them: nothing of them is kept here any longer, unless it was
  // changed meanwhile.
  const done = (sent, place) => {
    const kept = load();
    for (const { item, at } of sent) {
      if (kept.answers[item]?.at === Date.parse(at)) delete kept.answers[item];
    }
    if (kept.place === place) delete kept.place;
    store(kept);
  };

  // Some answers are changed since all were submitted.
  let unsent = Boolean(form.elements._unsent.value);

  let over = false; // the link takes no answers any more
  let failures = 0;
  let timer;
  const later = (ms) => {
    clearTimeout(timer);
    timer = setTimeout(flush, ms);
  };
  const retry = (response) => {
    failures++;
    const wait = Math.max(Number(response?.headers.get("Retry-After")) || 0, Math.min(60, 2 ** failures / 2));
    later(1000 * wait * (1 + Math.random() / 4));
  };

  const call = (method, path, body, seconds) => fetch(api + path + "?lang=" + lang, {
    method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), signal: AbortSignal.timeout(seconds * 1000),
  });

  // Says what is to be done with an answer of the server that is not the hoped-for:
  // try again, or leave it, because the link is over.
  const refused = async (response) => {
    if (response && [403, 404, 410].includes(response.status)) {
      over = true;
      const problem = await response.json().catch(() => ({}));
      if (response.status === 410) store({ answers: {} }); // nobody takes them any more
      say("over", [problem.title, problem.detail].filter(Boolean).join(". "));
      return;
    }
    say(load().final ? "whole" : "here");
    retry(response);
  };

  const keep = async () => {
    const { place } = load();
    const answers = pending();
    if (!answers.length && !(place && (Object.keys(given).length || said.dataset.state))) return true;
    let response;
    try {
      response = await call("PATCH", "/draft", place ? { answers, place } : { answers }, 15);
    } catch { /* no connection */ }
    if (response?.ok) {
      done(answers, place);
      failures = 0;
      unsent ||= answers.length > 0;
      if (answers.length || said.dataset.state !== "saved") say("saved", unsent && said.dataset.changed || undefined);
      return true;
    }
    if (response?.status === 422 || response?.status === 400) { // such as a number out of range: it waits for a change
      const wrong = (await response.json().catch(() => ({}))).errors?.map((e) => e.item) ?? [];
      const kept = load();
      let some = false;
      for (const { item } of answers) {
        if (kept.answers[item] && (wrong.includes(item) || !wrong.length)) some = kept.answers[item].bad = true;
      }
      store(kept);
      return some ? keep() : true;
    }
    await refused(response);
    return false;
  };

  // Without script the server shows what is missing, on the page with all that was
  // entered.
  const natively = () => {
    const what = document.createElement("input");
    what.type = "hidden";
    what.name = "_do";
    what.value = "final";
    form.append(what);
    form.submit();
  };

  // Takes back that all was submitted, since something is wrong with it.
  const reopen = () => {
    const kept = load();
    delete kept.final;
    store(kept);
  };

  const finish = async () => {
    say("sending");
    const answers = pending();
    let response;
    if (Object.entries(load().answers).some(([name, a]) => a.bad || !answer(name, a))) {
      // What cannot be read is for the server to point out, if it is there.
      response = await fetch(api, { signal: AbortSignal.timeout(15000) }).catch(() => null);
      if (!response?.ok) return refused(response);
      reopen();
      return natively();
    }
    try {
      response = await call("PUT", "", { answers, merge: true, final: true, opened_at: form.elements._opened?.value || undefined }, 30);
    } catch { /* no connection */ }
    if (response?.ok) {
      store({ answers: {} });
      location.assign("?done=final&lang=" + lang);
    } else if (response && response.status < 500 && ![403, 404, 408, 410, 429].includes(response.status)) {
      reopen();
      natively();
    } else {
      await refused(response);
    }
  };

  let busy = false;
  let again = false;
  const flush = async () => {
    clearTimeout(timer);
    if (over) return;
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    try {
      await (load().final ? finish() : keep());
    } finally {
      busy = false;
    }
    if (again) {
      again = false;
      flush();
    }
  };

  // Another device may have answered meanwhile.
  const refresh = async () => {
    const response = await fetch(api + "?lang=" + lang, { signal: AbortSignal.timeout(15000) }).catch(() => null);
    if (!response?.ok) return;
    const kept = load().answers;
    for (const a of (await response.json()).answers) {
      const at = Date.parse(a.at ?? 0);
      if (kept[a.item] || at <= (given[a.item] ?? 0) || !question(a.item)) continue;
      given[a.item] = at;
      const values = a.choices ?? (a.text !== undefined ? [a.text] : a.value !== undefined ? [String(a.value)] : []);
      fill(a.item, question(a.item).dataset.kind === "value" && lang === "uk" ? values.map((v) => v.replace(".", ",")) : values);
    }
    form.dispatchEvent(new Event("filled"));
  };

  form.addEventListener("input", ({ target }) => {
    if (!target.name || !target.closest(".question")) return;
    record(target.name);
    later(target.type === "radio" || target.type === "checkbox" ? 150 : 800);
  });
  form.addEventListener("change", ({ target }) => target.closest(".question") && later(150));
  form.addEventListener("place", ({ detail }) => {
    store({ ...load(), place: detail });
    later(600);
  });
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented || event.submitter?.value !== "final" || event.submitter.name !== "_do") return;
    event.preventDefault();
    store({ ...load(), final: true });
    failures = 0;
    flush();
  });
  // A page that does not come would leave the reader without the one there was.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("nav button[lang]");
    if (!button || button.dataset.sure) return;
    event.preventDefault();
    const there = await fetch(api, { signal: AbortSignal.timeout(10000) }).catch(() => null);
    if (!there || there.status >= 500) return say("language");
    button.dataset.sure = "yes";
    button.click();
  });
  addEventListener("online", flush);
  let left = 0;
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      left = Date.now();
      // The page may not come back: what it still has is sent without waiting.
      const answers = pending();
      if (answers.length && !over) {
        fetch(api + "/draft?lang=" + lang, { method: "PATCH", keepalive: true, headers: { "Content-Type": "application/json" }, body: JSON.stringify({ answers }) }).catch(() => {});
      }
      return;
    }
    failures = 0;
    flush();
    if (Date.now() - left > 10000) refresh();
  });

  // What another visit left here, unless there are newer answers; and what the
  // link in a mail answers.
  const kept = load();
  for (const [name, a] of Object.entries(kept.answers)) {
    if (question(name) && a.at > (given[name] ?? 0)) {
      given[name] = a.at;
      fill(name, a.v);
    } else {
      delete kept.answers[name];
    }
  }
  store(kept);
  for (const q of form.querySelectorAll(".question[data-tap]")) record(q.querySelector("[name]").name);
  const address = new URL(location);
  if (address.searchParams.has("answer")) {
    address.searchParams.delete("answer");
    history.replaceState(history.state, "", address);
  }
  form.dispatchEvent(new Event("filled"));
  flush();
})();
