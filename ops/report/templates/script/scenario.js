// What is inside a scenario: where it stands, then each try as its Gherkin text over the time it took.
const inside = (scenario, detail) => {
  const feature = index.features[scenario.feature];
  const tries = detail.tries.map((one, number) => attempt(one, detail.tries.length > 1 ? number + 1 : 0));
  return el("div", { class: "inside" },
    el("p", { class: "place" },
      el("span", {}, detail.keyword, " in ", el("code", {}, `${feature.file}:${scenario.line}`)),
      el("span", { class: "buttons" }, copyButton("Copy link", () => permalink(scenario.anchor)), " ",
        feature.file.endsWith(".feature") ? copyButton("Copy command", `.venv/bin/behave ${scenario.id}`) : null)),
    el("p", { class: "place" }, scenario.tags.map((tag) => el("a", { href: `#tag=${encodeURIComponent(tag)}` }, `@${tag}`))),
    scenario.rule ? el("p", { class: "place" }, `Rule: ${scenario.rule}`) : null,
    exampleRow(detail.row),
    tries);
};

const exampleRow = (row) => {
  const cells = Object.entries(row).map(([name, cell]) => `${name} = ${cell}`);
  return cells.length ? el("p", { class: "place" }, `Row: ${cells.join(", ")}`) : null;
};

const attempt = (one, number) => {
  const frame = { at: one.at, ms: Math.max(one.ms, (lastMoment(one) - one.at) * 1000, 1) };
  const told = one.steps.some((step) => step.error);
  const orphans = one.requests.filter((request) => request.step >= one.steps.length);
  return el("div", { class: "try" },
    number ? el("h4", {}, `Try ${number}: ${words(one.status)}`) : null,
    told ? null : errorOf(one.reason, "Why"),
    el("ol", { class: "steps", style: { "--fault": shadows(one.faults, frame) } },
      one.faults.map((fault) => faultLine(fault, frame)),
      one.steps.map((step, place) => stepLine(one, step, place, frame)),
      orphans.length || (told && one.reason) ? afterwards(one, told, orphans, frame) : null));
};

const afterwards = (one, told, orphans, frame) => el("li", {},
  el("div", { class: "line" }, el("span"), el("span", { class: "sentence faint" }, "After the steps")),
  told ? errorOf(one.reason, "Why it did not recover") : null,
  requestList(orphans, frame, culprit(one)));

const errorOf = (text, label) => (text ? el("pre", { class: "error", tabindex: "0", "aria-label": label }, text) : null);

const lastMoment = (one) => Math.max(one.at, ...[...one.requests, ...one.faults].map(({ at, ms }) => at + ms / 1000));

const stepLine = (one, step, place, frame) => {
  const asked = one.requests.filter((request) => request.step === place);
  return el("li", { class: step.status },
    el("div", { class: "line" },
      el("span", {}, mark(step.status)), el("span", { class: "sentence" }, el("b", {}, step.keyword), " ", step.text),
      el("span", { class: "ms" }, step.status === "skipped" ? "" : duration(step.ms)),
      lane(step.ms && step.at ? bar((step.at - frame.at) * 1000, step.ms, frame.ms) : null)),
    step.doc ? el("pre", {}, step.doc) : null,
    step.table ? dataTable(step.table) : null,
    errorOf(step.error, "Why it failed"),
    asked.length ? requestList(asked, frame, culprit(one)) : null);
};

// The request to look at first, the one that the terminal traces too.
const culprit = (one) => one.requests.findLast(({ id }) => id === one.suspect);

const requestList = (asked, frame, opened) => el("ul", { class: "requests" }, asked.map((request) => {
  const box = requestBox(request, frame, requestAnchor(request.id));
  if (request === opened) { box.open = true; box.fill(); }
  return el("li", {}, box);
}));

const used = new Set();

// A client may use an ID again: then only the first of its requests has the link.
const requestAnchor = (id) => {
  let anchor = `r-${id}`;
  for (let again = 2; used.has(anchor); again += 1) anchor = `r-${id}~${again}`;
  used.add(anchor);
  return anchor;
};

const dataTable = ([heads, ...rows]) => el("table", { class: "data" },
  el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, head)))),
  el("tbody", {}, rows.map((row) => el("tr", {}, row.map((cell) => el("td", {}, cell))))));

const faultLine = (fault, frame) => {
  const start = (fault.at - frame.at) * 1000;
  const confirmed = fault.state === "confirmed";
  const proof = confirmed ? "confirmed" : `not confirmed (${fault.state})`;
  const back = fault.recovery === null ? "" : `, recovered in ${duration(fault.recovery)}`;
  return el("li", { class: "faulted" }, el("div", { class: "line" },
    el("span", {}, mark(confirmed ? "passed" : "not-proven")),
    el("span", { class: "sentence" }, `Fault: ${fault.kind} on ${fault.target}, ${proof}${back}`,
      el("span", { class: "detail" }, fault.detail)),
    el("span", { class: "ms" }, duration(fault.ms)),
    lane(bar(start, fault.ms, frame.ms, "band"), fault.recovery ? bar(start + fault.ms, fault.recovery, frame.ms, "tail") : null)));
};

// While a fault is in force, every line below it is shaded.
const shadows = (faults, frame) => {
  const percent = (at) => `${Math.min(Math.max(at / frame.ms, 0), 1) * 100}%`;
  const shade = (fault) => {
    const start = percent((fault.at - frame.at) * 1000);
    const end = percent((fault.at - frame.at) * 1000 + fault.ms);
    return `linear-gradient(to right, transparent ${start}, var(--proof-soft) ${start} ${end}, transparent ${end})`;
  };
  return faults.length ? faults.map(shade).join(", ") : "linear-gradient(transparent, transparent)";
};
