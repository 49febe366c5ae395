// The run over time: what came before, the faults by target, the scenarios by feature.
const showTimeline = () => {
  const moments = [...index.scenarios, ...index.faults, ...index.phases].filter(({ at }) => at > 0);
  const section = document.getElementById("timeline-section");
  section.hidden = !index.scenarios.length || !moments.length;
  if (section.hidden) return;
  const start = Math.min(...moments.map(({ at }) => at));
  const end = Math.max(...moments.map(({ at, ms, recovery }) => at + (ms + (recovery ?? 0)) / 1000));
  const scale = { start, span: Math.max(end - start, 0.001) };
  const lanes = document.getElementById("lanes");
  lanes.append(el("span", { class: "label" }), ruler(scale));
  if (index.phases.length) addLane(lanes, "stack", index.phases.map((phase) => place(phase, scale, 6, 8, "phase", phase.name)), scale);
  const faults = Map.groupBy(index.faults.filter(({ at }) => at > 0), ({ target }) => target);
  for (const [target, found] of [...faults].sort()) addLane(lanes, `fault on ${target}`, found.flatMap((fault) => faultBars(fault, scale)), scale);
  if (faults.size) lanes.append(el("div", { class: "rule" }));
  index.features.forEach((feature, number) => {
    const found = index.scenarios.filter((scenario) => scenario.feature === number && scenario.at > 0);
    addLane(lanes, feature.name, found.map((scenario) => scenarioBar(scenario, scale)), scale);
  });
  lanes.addEventListener("click", (event) => { if (event.target.dataset.anchor) go(event.target.dataset.anchor); });
};

const addLane = (lanes, label, bars, scale) => {
  const grid = ticks(scale).map((second) => svg("line", { x1: percent(second, scale), x2: percent(second, scale), y1: 0, y2: 20 }));
  lanes.append(el("span", { class: "label", title: label }, label),
    svg("svg", { role: "img", "aria-label": `${label}: ${bars.length} on the timeline` }, ...grid, ...bars));
};

const percent = (second, { span }) => `${((second / span) * 100).toFixed(3)}%`;

const place = ({ at, ms }, scale, y, height, name, title, anchor) => {
  const made = svg("rect", { x: percent(at - scale.start, scale), y, height, rx: 1, class: name }, svg("title", {}, title));
  made.style.width = `max(2px, ${percent(ms / 1000, scale)})`;
  if (anchor) made.dataset.anchor = anchor;
  return made;
};

const scenarioBar = (scenario, scale) => {
  const good = scenario.status === "passed" || scenario.status === "skipped";
  const title = `${scenario.name}: ${scenario.outcome}, ${duration(scenario.ms)}`;
  return place(scenario, scale, good ? 6 : 1, good ? 8 : 18, `bar-${scenario.status}`, title, scenario.anchor);
};

const faultBars = (fault, scale) => {
  const confirmed = fault.state === "confirmed";
  const anchor = index.scenarios[fault.scenario]?.anchor;
  const back = fault.recovery === null ? "" : `, recovered in ${duration(fault.recovery)}`;
  const title = `${fault.kind} on ${fault.target}: ${fault.state}, in force for ${duration(fault.ms)}${back}`;
  const band = place(fault, scale, 2, 16, `fault${confirmed ? "" : " unconfirmed"}`, title, anchor);
  if (!fault.recovery) return [band];
  return [band, place({ at: fault.at + fault.ms / 1000, ms: fault.recovery }, scale, 9, 2, "recovery", title, anchor)];
};

const ticks = ({ span }) => {
  const rough = span / 8;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough);
  return Array.from({ length: Math.floor(span / step) + 1 }, (_, number) => number * step);
};

const ruler = (scale) => svg("svg", { class: "ruler", role: "img", "aria-label": `${duration(scale.span * 1000)} in all` },
  ...ticks(scale).filter((second) => second / scale.span < 0.97).map((second) => svg("text", { x: percent(second, scale), y: 12 }, `${+second.toFixed(3)} s`)));
