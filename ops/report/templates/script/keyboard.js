// One key each; none while something is typed.
const visible = () => boxes.filter(({ item }) => !item.hidden);

const move = (entries, by) => {
  const here = entries.findIndex(({ item }) => item.contains(document.activeElement));
  const from = here >= 0 ? here : by > 0 ? -1 : entries.length;
  const next = entries[Math.min(Math.max(from + by, 0), entries.length - 1)];
  if (!next) return;
  next.box.firstChild.focus({ preventScroll: true });
  bring(next.box, { block: "nearest" });
};

const moveToBroken = (by) => {
  const all = visible();
  const here = all.findIndex(({ item }) => item.contains(document.activeElement));
  const ahead = by > 0 ? all.slice(here + 1) : all.slice(0, Math.max(here, 0)).reverse();
  const next = ahead.find(({ scenario }) => BROKEN.has(scenario.status));
  if (next) move([next], by);
  else say(all.some(({ scenario }) => BROKEN.has(scenario.status)) ? `No ${by > 0 ? "later" : "earlier"} one failed.` : noneBroken());
};

const noneBroken = () => (isFiltered(wanted()) ? "Nothing that is shown failed." : "Nothing failed.");

const KEYS = {
  "/": () => field("search").focus(),
  j: () => move(visible(), 1),
  k: () => move(visible(), -1),
  n: () => moveToBroken(1),
  p: () => moveToBroken(-1),
  "?": () => document.getElementById("help").showModal(),
  Escape: () => { if (isFiltered(wanted())) clearAndShow(); document.activeElement.blur(); },
};

const startKeyboard = () => {
  document.getElementById("keys").addEventListener("click", KEYS["?"]);
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.getElementById("help").open) return;
    const typing = event.target.matches("input[type=search], select, textarea");
    if (typing && event.key !== "Escape") return;
    if (!KEYS[event.key]) return;
    event.preventDefault();
    KEYS[event.key]();
  });
};
