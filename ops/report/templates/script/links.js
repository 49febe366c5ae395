// `#s-…` leads to a scenario, `#r-…` to a request, `#q=…&status=…` is a filter.
const follow = async () => {
  const hash = location.hash.slice(1);
  const anchor = decoded(hash);
  if (hash.includes("=")) {
    restore(hash);
    document.getElementById("scenarios").scrollIntoView();
  } else if (anchor.startsWith("s-")) await showScenario(boxes.find(({ scenario }) => scenario.anchor === anchor));
  else if (anchor.startsWith("r-")) await showRequest(anchor);
  isAway = false;
};

// Somebody has gone on from where the address led to.
let isAway = false;

const startLinks = () => {
  for (const name of ["bar", "filter"]) measure(name);
  for (const kind of ["wheel", "touchmove", "pointerdown", "keydown"]) addEventListener(kind, () => { isAway = true; }, { passive: true });
  addEventListener("hashchange", follow);
};

// What sticks to the top covers so much: whatever is scrolled to comes below it.
const measure = (name) => {
  const sticky = document.querySelector(`.${name}`);
  const tell = () => document.documentElement.style.setProperty(`--${name}`, `${sticky.offsetHeight}px`);
  tell();
  new ResizeObserver(tell).observe(sticky);
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

const showScenario = async (entry) => {
  if (!entry) return;
  if (entry.item.hidden) clear();
  entry.box.open = true;
  await fill(entry);
  entry.box.scrollIntoView();
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
  box.scrollIntoView();
  box.firstChild.focus({ preventScroll: true });
};

const go = (anchor) => {
  const hash = `#${encodeURIComponent(anchor)}`;
  if (location.hash === hash) follow();
  else location.hash = hash;
};
