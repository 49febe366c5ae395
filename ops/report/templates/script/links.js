// `#s-…` leads to a scenario, `#r-…` to a request, `#q=…&status=…` is a filter.
const follow = async () => {
  isAway = false;
  const hash = location.hash.slice(1);
  const anchor = decoded(hash);
  if (hash.includes("=")) {
    restore(hash);
    document.getElementById("scenarios").scrollIntoView();
  } else if (anchor.startsWith("s-")) await showScenario(boxes.find(({ scenario }) => scenario.anchor === anchor));
  else if (anchor.startsWith("r-")) await showRequest(anchor);
};

// Somebody has gone on from where the address led to.
let isAway = false;

const startLinks = () => {
  for (const kind of ["wheel", "touchmove", "pointerdown", "keydown"]) addEventListener(kind, () => { isAway = true; }, { passive: true });
  addEventListener("hashchange", follow);
};

// What was filled above it meanwhile has moved it down.
const followAgain = async (filled) => {
  await filled;
  if (!isAway) await follow();
};

const decoded = (hash) => {
  try {
    return decodeURIComponent(hash);
  } catch {
    return hash;
  }
};

// To right below what sticks to the top. From now on all that is open has its real height: else what was never seen
// would move it later.
const bring = (box, how) => {
  const covered = Math.max(...[...document.querySelectorAll(".bar, .filter")].map(stuck));
  box.style.scrollMarginTop = `${covered - parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop)}px`;
  field("list").classList.add("whole");
  box.scrollIntoView(how);
};

const stuck = (element) => {
  const { position, top } = getComputedStyle(element);
  return position === "sticky" ? parseFloat(top) + element.offsetHeight + 3 : 0;
};

const showScenario = async (entry) => {
  if (!entry) return;
  if (entry.item.hidden) clear();
  unfold(entry);
  await fill(entry);
  bring(entry.box);
  entry.box.firstChild.focus({ preventScroll: true });
};

const showRequest = async (anchor) => {
  const id = anchor.slice(2).replace(/~\d+$/, "").toLowerCase();
  const entry = boxes.find(({ text }) => text.includes(id));
  if (!entry) return;
  await showScenario(entry);
  const box = document.getElementById(anchor);
  if (!box) return;
  box.open = true;
  box.fill();
  bring(box);
  box.firstChild.focus({ preventScroll: true });
};

const go = (anchor) => {
  const hash = `#${encodeURIComponent(anchor)}`;
  if (location.hash === hash) follow();
  else location.hash = hash;
};
