// One request: a line with its place in the scenario's time, and inside the way it took, what was said, and the log.
const requestBox = (request, frame, anchor) => {
  const code = codeClass(request.status);
  const box = el("details", { class: `request ${code}`, id: anchor },
    el("summary", { class: "line" },
      el("span", { class: "asked" }, el("b", {}, request.method), request.path, attempts(request)),
      el("span", { class: `code ${code}` }, request.status ?? "none"),
      el("span", { class: "ms" }, duration(request.ms)),
      lane(bar((request.at - frame.at) * 1000, request.ms, frame.ms, badly(request.status)))));
  const fill = () => { if (box.open && box.children.length === 1) box.append(exchange(request, anchor)); };
  box.addEventListener("toggle", fill);
  box.fill = fill;
  return box;
};

const attempts = (request) => {
  const most = Math.max(0, ...request.hops.map((hop) => hop[3]));
  return most > 1 ? el("span", { class: "faint" }, ` ${most} attempts`) : null;
};

const exchange = (request, anchor) => el("div", { class: "exchange" },
  el("p", { class: "place" }, el("code", {}, request.id), copyButton("Copy link", () => permalink(anchor))),
  request.hops.length ? [el("h4", {}, "Way"), way(request)] : null,
  el("div", { class: "pair" },
    el("div", {}, el("h4", {}, "Sent"), headers(request.sent), body("Body that was sent", request.sentBody)),
    el("div", {}, el("h4", {}, request.status === null ? "No answer" : `Answered ${request.status}`),
      request.error ? el("pre", { class: "error" }, request.error) : null,
      headers(request.got), body("Body of the answer", request.gotBody))),
  request.log.length ? [el("h4", {}, `Log lines of this request (${request.log.length})`), logLines(request)] : null,
  el("h4", {}, "Do it again"), request.again ? command(request.again) : el("p", { class: "place" }, NOT_WHOLE),
  el("h4", {}, "Trace it in the terminal"), request.trace ? command(request.trace) : el("p", { class: "place" }, NO_LOGS));

const NO_LOGS = "The logs of a stack at a URL cannot be read from here; whoever runs it finds this request by its ID.";
const NOT_WHOLE = "It was too long for all of it to be kept.";

const command = (text) => el("div", { class: "command" }, el("pre", { tabindex: "0" }, text), copyButton("Copy", text));

const headers = (pairs) => el("dl", { class: "headers" }, pairs.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));

const body = (label, text) => (text ? el("pre", { tabindex: "0", "aria-label": label }, text) : null);

const table = (label, name, heads, rows) => el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": label },
  el("table", { class: name },
    el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, head)))), el("tbody", {}, rows)));

const way = (request) => {
  const ends = request.hops.map((hop) => (hop[5] ?? 0) + (hop[6] ?? 0));
  const span = Math.max(request.ms, ...ends, 0.1);
  const client = [0, "client", `${request.method} ${request.path}`, 0, request.status, 0, request.ms, ""];
  const rows = [client, ...request.hops.map((hop) => [hop[0] + 1, ...hop.slice(1)])].map((hop) => hopRow(hop, span));
  return table(`The way of ${request.id}`, "hops", ["Service", "Asked", "Attempt", "Status", "Took", "Time"], rows);
};

const hopRow = ([depth, service, what, attempt, status, start, ms, remark], span) => el("tr", {},
  el("th", { scope: "row", style: { "--depth": depth } }, service),
  el("td", {}, el("code", {}, what), remark ? el("span", { class: "remark" }, remark) : null),
  el("td", { class: "attempt" }, attempt ? `${attempt}.` : ""),
  el("td", { class: `code ${codeClass(status)}` }, status ?? "none"),
  el("td", { class: "ms" }, duration(ms)),
  el("td", { class: "lane", "aria-hidden": "true" }, el("div", {}, start === null || ms === null ? null : bar(start, ms, span, badly(status)))));

const OF_EVERY_LINE = new Set(["ts", "level", "service", "event"]);

const logLines = (request) => table(`Log lines of ${request.id}`, "lines", ["Time", "Service", "Level", "Event", "Fields"], request.log.map((line) => {
  const rest = Object.entries(line).filter(([name]) => !OF_EVERY_LINE.has(name));
  const told = rest.map(([name, value]) => `${name}=${typeof value === "object" ? JSON.stringify(value) : value}`).join("  ");
  return el("tr", {}, el("td", {}, String(line.ts ?? "").slice(11, 23)), el("td", {}, line.service ?? ""),
    el("td", { class: line.level }, line.level ?? ""), el("td", {}, line.event ?? ""), el("td", {}, told));
}));
