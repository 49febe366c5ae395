// `#s-…` leads to a scenario, `#r-…` to a request, `#q=…&status=…` is a filter.
const follow = async () => {
  const hash = location.hash.slice(1);
  if (hash.includes("=")) {
    restore(hash);
    document.getElementById("scenarios").scrollIntoView();
    return;
  }
  const anchor = decoded(hash);
  if (anchor.startsWith("s-")) await showScenario(boxes.find(({ scenario }) => scenario.anchor === anchor));
  if (anchor.startsWith("r-")) await showRequest(anchor);
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
