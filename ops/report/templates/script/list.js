// The scenarios by feature, each a closed box that is filled when it is opened.
const BROKEN = new Set(["failed", "not-proven", "flaky"]);
const boxes = [];

const scenarioBox = (scenario) => el("details", { class: `scenario ${scenario.status}`, id: scenario.anchor },
  el("summary", {}, el("span", {}, mark(scenario.status)),
    el("span", { class: "name" }, scenario.name, scenario.status === "passed" ? null : el("span", { class: `word ${scenario.status}` }, scenario.outcome)),
    el("span", { class: "tags" }, telling(scenario.tags).join(" ")),
    el("span", { class: "ms asked" }, scenario.requests ? `${scenario.requests} req` : ""),
    el("span", { class: "ms" }, duration(scenario.ms))));

// Tags that say something in a list: no capability, and no ticket beside its own criterion.
const telling = (tags) => tags.filter((tag) => !tag.startsWith("needs.") && !tags.some((other) => other.startsWith(`${tag}.`)));

// Resolves when what broke is filled.
const showList = () => {
  const sections = index.features.map((feature) => {
    const items = el("ul", {});
    return { items, node: el("section", { class: "feature" },
      el("h3", {}, feature.name, el("span", { class: "faint" }, feature.file)),
      feature.about ? el("p", { class: "about" }, feature.about) : null, items) };
  });
  for (const scenario of [...index.scenarios].sort((one, other) => one.feature - other.feature)) {
    const item = el("li", {}, scenarioBox(scenario));
    boxes.push({ scenario, item, box: item.firstChild, section: sections[scenario.feature].node });
    sections[scenario.feature].items.append(item);
  }
  const list = document.getElementById("list");
  list.append(...sections.map((section) => section.node));
  list.addEventListener("toggle", (event) => {
    const found = boxes.find(({ box }) => box === event.target);
    if (found && found.box.open) { unfold(found); fill(found); }
  }, true);
  return openBroken();
};

const unfold = (entry) => {
  entry.box.open = true;
  entry.item.classList.add("unfolded");
};

const fill = (entry) => {
  entry.filled ??= detailsOf(entry.scenario).then((detail) => entry.box.append(inside(entry.scenario, detail)));
  return entry.filled;
};

// What broke is open, and filled one after the other without holding the page up.
const openBroken = async () => {
  const broken = boxes.filter(({ scenario }) => BROKEN.has(scenario.status)).slice(0, 200);
  broken.forEach(unfold);
  for (const entry of broken) {
    await fill(entry);
    await new Promise((resolve) => { setTimeout(resolve); });
  }
};
