// The page: what is shown, and what the reader does. Numbers come from engine.js, words from words.js, the graph's
// picture from picture.js, the sliders from controls.js.

(() => {
  const $ = (id) => document.getElementById(id);
  const data = JSON.parse($("data").textContent);
  const graph = engine.graph(
    data.nodes.map((node) => ({ ...node, full: node.full ?? node.name, value: Number(node.value), role: data.roles[node.op] })),
  );
  const original = graph.nodes.map((node) => node.value);

  // --- what is shown -------------------------------------------------------------------------------------------------

  const state = {
    leaves: [...original],
    mode: "right", // or "assign", "recursion"
    right: null, // the run of the right pass
    run: null, // the run that is shown
    at: 0, // how many events have happened; one more than there are: all done
    hovered: null, // a node under the pointer or with the keyboard's focus
    pinned: null, // a node that was clicked
    playing: 0, // the timer, or 0
  };
  const end = () => state.run.events.length + 1;

  function compute() {
    const wasDone = state.run === null || state.at >= end();
    state.right = engine.run(graph, state.leaves);
    state.run = state.mode === "right" ? state.right : engine.run(graph, state.leaves, state.mode);
    state.at = wasDone ? end() : Math.min(state.at, end());
  }

  function show() {
    const { run, right, mode, at } = state;
    const snapshot = engine.snapshot(run, at);
    const event = run.events[at - 1] ?? null;
    const found = mode === "right" ? null : engine.compare(right, run);
    const wrong = found && { ids: new Set(found.ids), right: right.gradients };
    const id = state.hovered ?? state.pinned;
    const focus = id === null ? null : { id, pinned: state.pinned === id, ...engine.paths(right, id, 6) };
    const troubles = new Set(engine.troubles(right));
    const labels = graph.nodes.map((node) => words.label(run, node.id, snapshot));
    view.show({ run, snapshot, event, wrong, focus, labels, troubles });
    sliders.show(snapshot, wrong, focus);
    showStep();
    showWrong(found, focus);
    showNode(focus, snapshot);
    showTransport(event);
  }

  // Give an element the pieces of a line as its text.
  function write(element, pieces) {
    element.replaceChildren(
      ...pieces.map(([text, role]) => {
        const span = document.createElement("span");
        span.textContent = text;
        if (role) span.className = role;
        return span;
      }),
    );
    return element;
  }

  function add(parent, tag, pieces, className = "") {
    const element = document.createElement(tag);
    if (className) element.className = className;
    parent.append(write(element, typeof pieces === "string" ? [[pieces, ""]] : pieces));
    return element;
  }

  let told = ""; // the step that is shown

  function showStep() {
    const step = words.step(state.run, state.right, state.at);
    const place = $("step");
    place.setAttribute("aria-live", state.playing ? "off" : "polite");
    if (JSON.stringify(step) === told) return; // a screen reader would read it out again
    told = JSON.stringify(step);
    const { title, about, lines, warning } = step;
    place.replaceChildren();
    add(place, "h3", title);
    add(place, "p", about);
    for (const line of lines) add(place, "p", line, "rule");
    if (warning) add(place, "p", `⚠ ${warning}`, "warning");
  }

  // The wrong pass and the right one, side by side.
  function showWrong(found, focus) {
    const place = $("wrong");
    place.hidden = found === null;
    place.replaceChildren();
    $("node-title").textContent = found && !focus ? "Right and wrong" : "Node";
    $("node").hidden = found !== null && !focus;
    if (!found) return;
    add(place, "h3", state.mode === "assign" ? "= instead of +=" : "Without topological order");
    add(place, "pre", words.CODE[state.mode]);
    add(place, "p", words.explanation(state.right, state.run, found), "explanation");
    if (!state.run.isComplete) return;
    const table = add(place, "table", []);
    const row = (parent, tag, cells, className) => {
      const line = add(parent, "tr", [], className);
      for (const cell of cells) add(line, tag, [cell]);
    };
    row(table.createTHead(), "th", [["gradient", ""], ["right", ""], ["wrong", ""], ["", ""]]);
    const body = table.createTBody();
    const wrong = new Set(found.ids);
    for (const node of graph.nodes.filter((each) => !each.isConstant)) {
      const differs = wrong.has(node.id);
      const numbers = [state.right, state.run].map((run) => words.number(run.gradients[node.id]));
      const cells = [words.gradientSymbol(state.run, node.id), [numbers[0], "gradient"], [numbers[1], differs ? "wrong" : "gradient"]];
      row(body, "td", [...cells, [differs ? "≠" : "=", differs ? "wrong" : ""]], differs ? "differs" : "");
    }
  }

  function showNode(focus, snapshot) {
    const place = $("node");
    place.replaceChildren();
    if (!focus) {
      add(place, "p", "Point at a node, tap it, or reach it with Tab, to see its rule, its slopes and its paths to the output.", "hint");
      return;
    }
    const run = state.right;
    const { id } = focus;
    const node = graph.nodes[id];
    add(place, "h3", [[node.full, "name"], [node.isLeaf ? `  ${node.kind}` : ` = ${node.symbol}`, node.isLeaf ? "hint" : ""]]);
    if (!node.isLeaf) {
      const { symbols, numbers } = words.formula(run, id);
      add(place, "p", [words.name(run, id), [" = ", ""], ...symbols], "rule");
      if (snapshot.known[id]) add(place, "p", [["   = ", ""], ...numbers, [" = ", ""], words.value(run, id)], "rule");
      const trouble = words.trouble(run, id);
      if (trouble) add(place, "p", `⚠ ${trouble}`, "warning");
      add(place, "p", words.roleOf(node));
      if (node.operation.note) add(place, "p", `Convention: ${node.operation.note}.`, "hint");
      add(place, "h4", "Slopes");
      const shown = node.args.map((_, position) => position).filter((position) => !graph.nodes[node.args[position]].isConstant);
      for (const position of shown.slice(0, 12)) add(place, "p", words.localLine(run, id, position), "rule");
      if (shown.length > 12) add(place, "p", `and ${shown.length - 12} more`, "hint");
    }
    if (node.isConstant) {
      add(place, "p", "A constant receives no gradient.");
      return;
    }
    const [symbol, gradient] = [words.gradientSymbol(run, id), words.number(run.gradients[id])];
    add(place, "h4", "Gradient");
    if (id === graph.output) {
      add(place, "p", [symbol, [" = ", ""], [gradient, "gradient"], [", where it all begins", ""]], "rule");
      return;
    }
    const parts = run.events
      .filter((event) => event.kind === "backward")
      .flatMap((event) => event.contributions.filter((part) => part.operand === id).map((part) => ({ event, part })));
    for (const { event, part } of parts.slice(0, 8)) {
      const pieces = [["from ", ""], words.name(run, event.node), [": ", ""]];
      const [local, amount] = [words.number(part.local), words.number(part.amount)];
      const by = [local.startsWith("−") ? `(${local})` : local, "local"];
      pieces.push([words.number(event.gradient), "gradient"], [" · ", ""], by, [" = ", ""], [amount, "gradient"]);
      add(place, "p", pieces, "rule");
    }
    if (parts.length > 8) add(place, "p", `and ${parts.length - 8} more`, "hint");
    add(place, "p", [symbol, [parts.length > 1 ? " = their sum = " : " = ", ""], [gradient, "gradient"]], "rule");
    const ways = `${words.grouped(focus.count)} ${focus.count === 1n ? "path" : "paths"}`;
    add(place, "h4", `${ways} to ${graph.nodes[graph.output].name}`);
    for (const path of focus.listed) add(place, "p", words.pathLine(run, id, path), "rule");
    const rest = focus.count - BigInt(focus.listed.length);
    if (rest > 0n) add(place, "p", focus.listed.length ? `and ${words.grouped(rest)} more` : "too many to list; their nodes are lit", "hint");
  }

  function showTransport(event) {
    const { run, at } = state;
    const backward = run.events.length - run.forward;
    $("scrubber").max = end();
    $("scrubber").value = at;
    const said =
      at === 0 ? "start"
      : !event ? "all done"
      : event.kind === "forward" ? `forward ${at} of ${run.forward}`
      : `backward ${at - run.forward} of ${backward}`;
    $("scrubber").setAttribute("aria-valuetext", said);
    $("scrubber").style.setProperty("--forward", `${(100 * (run.forward + 0.5)) / end()}%`);
    $("where").textContent = said;
    $("first").disabled = $("back").disabled = at === 0;
    $("last").disabled = $("next").disabled = at === end();
    $("play").classList.toggle("is-playing", state.playing !== 0);
    $("play").setAttribute("aria-label", state.playing ? "Pause" : "Play");
  }

  // --- what the reader does ------------------------------------------------------------------------------------------

  const view = picture($("graph"), graph);
  const sliders = controls($("leaves"), graph, (id, x) => {
    state.leaves[id] = x;
    compute();
    show();
  });

  function go(at) {
    state.at = Math.min(Math.max(at, 0), end());
    const event = state.run.events[state.at - 1];
    show();
    if (event) view.reveal(event.node);
  }

  function play(on = !state.playing) {
    window.clearInterval(state.playing);
    state.playing = 0;
    if (on) {
      if (state.at >= end()) state.at = 0;
      state.playing = window.setInterval(() => (state.at < end() ? go(state.at + 1) : play(false)), Number($("speed").value));
    }
    go(state.at);
  }

  function step(to) {
    if (state.playing) play(false);
    go(to);
  }

  $("first").addEventListener("click", () => step(0));
  $("back").addEventListener("click", () => step(state.at - 1));
  $("next").addEventListener("click", () => step(state.at + 1));
  $("last").addEventListener("click", () => step(end()));
  $("play").addEventListener("click", () => play());
  $("speed").addEventListener("change", () => state.playing && play(true));
  $("scrubber").addEventListener("input", () => step(Number($("scrubber").value)));
  $("reset").addEventListener("click", () => {
    state.leaves = [...original];
    sliders.reset();
    compute();
    show();
  });
  $("modes").addEventListener("change", (event) => {
    const wasDone = state.at >= end();
    state.mode = event.target.value;
    compute();
    go(wasDone ? end() : Math.min(state.at, state.run.forward));
  });
  $("theme").addEventListener("click", () => {
    const root = document.documentElement;
    const isDark = root.dataset.theme === "auto" ? window.matchMedia("(prefers-color-scheme: dark)").matches : root.dataset.theme === "dark";
    root.dataset.theme = isDark ? "light" : "dark";
  });
  $("ask").addEventListener("click", () => $("help").showModal());
  $("close").addEventListener("click", () => $("help").close());
  $("closer").addEventListener("click", () => view.zoom(1.25));
  $("farther").addEventListener("click", () => view.zoom(0.8));
  $("fit").addEventListener("click", () => view.fit());

  view.nodes.forEach(({ group }, id) => {
    const look = (at) => () => {
      if (state.hovered === at) return;
      state.hovered = at;
      show();
    };
    group.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && look(id)());
    group.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && look(null)());
    group.addEventListener("focus", () => {
      if (!group.matches(":focus-visible")) return; // the pointer's own focus; a click pins
      view.reveal(id);
      look(id)();
    });
    group.addEventListener("blur", look(null));
  });

  function pin(id) {
    state.pinned = state.pinned === id ? null : id;
    if (state.pinned !== null) sliders.focus(id);
    show();
  }

  // Drag to pan, two fingers or the wheel to zoom, a click to pin.
  const frame = $("graph");
  const fingers = new Map();
  let moved = 0;
  const spread = () => {
    const [a, b] = [...fingers.values()];
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, size: Math.hypot(a.x - b.x, a.y - b.y) };
  };
  frame.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    moved = 0;
  });
  frame.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const now = { x: event.clientX, y: event.clientY };
    const pinch = fingers.size === 2 ? spread() : null;
    fingers.set(event.pointerId, now);
    moved += Math.hypot(now.x - before.x, now.y - before.y);
    if (moved < 4) return;
    frame.setPointerCapture(event.pointerId);
    if (pinch) {
      const next = spread();
      view.pan(next.x - pinch.x, next.y - pinch.y);
      if (pinch.size > 0) view.zoom(next.size / pinch.size, next);
    } else view.pan(now.x - before.x, now.y - before.y);
  });
  const release = (event) => fingers.delete(event.pointerId);
  frame.addEventListener("pointerup", release);
  frame.addEventListener("pointercancel", release);
  frame.addEventListener("click", (event) => {
    const group = event.target.closest("[data-node]");
    if (moved >= 4) return;
    if (group) pin(Number(group.dataset.node));
    else if (state.pinned !== null) pin(state.pinned);
  });
  frame.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      view.zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0015)), { x: event.clientX, y: event.clientY });
    },
    { passive: false },
  );

  const KEYS = {
    ArrowRight: () => step(state.at + 1),
    ArrowLeft: () => step(state.at - 1),
    Home: () => step(0),
    End: () => step(end()),
    " ": () => play(),
    "+": () => view.zoom(1.25),
    "=": () => view.zoom(1.25),
    "-": () => view.zoom(0.8),
    0: () => view.fit(),
    "?": () => $("help").showModal(),
    Escape: () => state.pinned !== null && pin(state.pinned),
  };
  const OWN_KEYS = {
    "input[type=text], select": /^(?!Escape$)/,
    "input[type=range], input[type=radio]": /^(Arrow|Home|End)/,
    "input[type=radio], button": /^ $/,
  };
  document.addEventListener("keydown", (event) => {
    const target = event.target;
    if (event.ctrlKey || event.metaKey || event.altKey || $("help").open) return;
    const group = target.closest?.("[data-node]");
    if (group && event.key === "Enter") {
      event.preventDefault();
      pin(Number(group.dataset.node));
      return;
    }
    const own = Object.entries(OWN_KEYS).some(([what, keys]) => target.matches?.(what) && keys.test(event.key));
    if (own) return; // the control itself knows what to do with it
    const act = KEYS[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  // For those who open the console, and for tests: the numbers with all their digits.
  window.glassgrad = Object.freeze({
    get mode() { return state.mode; },
    get at() { return state.at; },
    get steps() { return state.run.events.length; },
    get values() { return [...state.run.values]; },
    get gradients() { return [...state.run.gradients]; },
    get rightGradients() { return [...state.right.gradients]; },
    get event() { return structuredClone(state.run.events[state.at - 1] ?? null); },
    get snapshot() { return engine.snapshot(state.run, state.at); },
    names: Object.freeze(graph.nodes.map((node) => node.name)),
  });

  const { width, height } = $("graph").viewBox.baseVal;
  document.documentElement.style.setProperty("--ratio", width / height);
  compute();
  show();
  view.start();
})();
