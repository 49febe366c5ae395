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
  const form = document.querySelector(".filter");
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => { apply(); keep(); });
  field("clear").addEventListener("click", () => { clear(); field("search").focus(); });
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
};

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
