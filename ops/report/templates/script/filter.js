// Which scenarios are shown: words, ticket, tag, service and result. The address keeps it, so that it can be passed on.
const FIELDS = ["ticket", "tag", "service"];
const field = (id) => document.getElementById(id);
const statusBoxes = () => [...document.querySelectorAll(".filter [name=status]")];
const ofTicket = (tag, ticket) => tag === ticket || tag.startsWith(`${ticket}.`);

const MATCHES = {
  ticket: (scenario, ticket) => scenario.tags.some((tag) => ofTicket(tag, ticket)),
  tag: (scenario, tag) => scenario.tags.includes(tag),
  service: (scenario, service) => scenario.services.includes(service),
};

const startFilter = () => {
  offer("ticket", Object.entries(index.tickets).map(([ticket, title]) => [ticket, `${ticket} ${title}`]));
  offer("tag", sorted(index.scenarios.flatMap((scenario) => scenario.tags)));
  offer("service", sorted(index.scenarios.flatMap((scenario) => scenario.services)));
  for (const entry of boxes) entry.text = searched(entry.scenario);
  field("shown").style.setProperty("--longest", `${boxes.length} of ${boxes.length} scenarios`.length);
  const form = document.querySelector(".filter");
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => { apply(); keep(); showTop(); });
  for (const button of [field("clear"), field("nothing").lastElementChild]) {
    button.addEventListener("click", () => { clearAndShow(); field("search").focus({ preventScroll: true }); });
  }
};

const sorted = (values) => [...new Set(values)].sort().map((value) => [value, value]);

const offer = (id, options) => {
  field(id).append(...options.map(([value, label]) => el("option", { value }, label)));
  field(id).closest(".field").hidden = !options.length;
};

const searched = (scenario) => {
  const { name, file } = index.features[scenario.feature];
  const tags = scenario.tags.map((tag) => `@${tag}`).join(" ");
  const own = [scenario.id, scenario.name, scenario.rule, scenario.outcome, scenario.reason, tags, scenario.text];
  return [...own, name, file].join("\n").toLowerCase();
};

const wanted = () => ({
  words: field("search").value.toLowerCase().split(/\s+/).filter(Boolean),
  fields: FIELDS.map((id) => [id, field(id).value]).filter(([, value]) => value),
  statuses: new Set(statusBoxes().filter((box) => box.checked).map((box) => box.value)),
});

const shows = ({ scenario, text }, { words: asked, fields, statuses }) =>
  (!statuses.size || statuses.has(scenario.status))
  && fields.every(([id, value]) => MATCHES[id](scenario, value))
  && asked.every((word) => text.includes(word));

const apply = () => {
  const asked = wanted();
  const full = new Set();
  let count = 0;
  for (const entry of boxes) {
    const shown = shows(entry, asked);
    if (entry.item.hidden === shown) entry.item.hidden = !shown;
    if (shown) { count += 1; full.add(entry.section); }
  }
  for (const section of document.querySelectorAll(".feature")) section.hidden = !full.has(section);
  const all = boxes.length.toLocaleString("en");
  field("shown").textContent = count === boxes.length ? `${all} scenarios` : `${count.toLocaleString("en")} of ${all} scenarios`;
  field("clear").hidden = !isFiltered(asked);
  field("nothing").hidden = Boolean(count) || !boxes.length;
  field("nothing").firstElementChild.textContent = `No scenario matches ${told(asked)}.`;
};

const told = ({ words: asked, fields, statuses }) => [
  asked.length ? `“${field("search").value.trim()}”` : "",
  ...fields.map(([id, value]) => `${id} ${value}`),
  statuses.size ? `result ${[...statuses].map(words).join(" or ")}` : "",
].filter(Boolean).join(", ");

// The list from its top, below the filter: what was in view before may be hidden now.
const showTop = () => {
  const form = document.querySelector(".filter");
  const first = [field("nothing"), field("list")].find((each) => !each.hidden);
  const { top } = first.getBoundingClientRect();
  const filter = form.getBoundingClientRect();
  const above = form.offsetHeight + parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop);
  if (filter.top >= 0 && top >= filter.bottom - 1 && top < innerHeight / 2) return;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  scrollTo({ top: scrollY + top - above, behavior: calm ? "instant" : "smooth" });
};

const clearAndShow = () => { clear(); showTop(); };

const isFiltered = ({ words: asked, fields, statuses }) => Boolean(asked.length || fields.length || statuses.size);

const clear = () => {
  for (const id of ["search", ...FIELDS]) field(id).value = "";
  for (const box of statusBoxes()) box.checked = false;
  apply();
  keep();
};

const keep = () => {
  const hash = new URLSearchParams();
  if (field("search").value) hash.set("q", field("search").value);
  for (const id of FIELDS) if (field(id).value) hash.set(id, field(id).value);
  const statuses = statusBoxes().filter((box) => box.checked).map((box) => box.value);
  if (statuses.length) hash.set("status", statuses.join(","));
  history.replaceState(null, "", `${location.href.split("#")[0]}${hash.size ? `#${hash}` : ""}`);
};

const restore = (hash) => {
  const asked = new URLSearchParams(hash);
  field("search").value = asked.get("q") ?? "";
  for (const id of FIELDS) field(id).value = asked.get(id) ?? "";
  const statuses = new Set((asked.get("status") ?? "").split(","));
  for (const box of statusBoxes()) box.checked = statuses.has(box.value);
  apply();
};
