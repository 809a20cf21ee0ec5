// The graph's picture: shows numbers, states and highlights on the SVG that came with the page. It knows no rules.

const picture = (svg, graph) => {
  const SVG = "http://www.w3.org/2000/svg";
  const CHARACTER = 7.2; // the width of one in the nodes' font, in the picture's units
  const ROOM = 7; // characters that a number has place for, where the picture does not say otherwise
  const READABLE = 0.5; // the zoom at which text can just be read
  const CLOSEST = 8;

  const make = (tag, attributes, parent) => {
    const element = document.createElementNS(SVG, tag);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return parent.appendChild(element);
  };

  const boxOf = (group) => {
    const [x, y, width, height] = group.dataset.box.split(" ").map(Number);
    return { x, y, width, height };
  };

  const nodes = [];
  const edges = [];
  for (const group of svg.querySelectorAll("[data-node]")) {
    const line = (role) => {
      const text = group.querySelector(`text.gg-${role}`);
      return text && { text, prefix: text.dataset.prefix || "", room: Number(text.dataset.room ?? ROOM) };
    };
    nodes[Number(group.dataset.node)] = { group, value: line("value"), gradient: line("gradient") };
  }
  for (const group of svg.querySelectorAll("[data-edge]")) {
    edges[Number(group.dataset.edge)] = { group, text: group.querySelector("text") };
  }

  const wires = [...svg.querySelectorAll("[data-wire]")]; // between the parts of one node

  // Hatching behind gradients that are not final, and the right number beside a wrong one.
  for (const node of nodes) {
    const box = boxOf(node.group);
    const target = make("rect", { class: "target", x: box.x, y: box.y, width: box.width, height: box.height }, node.group);
    node.group.prepend(target); // so that one need not hit a line
    node.group.setAttribute("tabindex", "0");
    node.group.setAttribute("role", "button");
    if (node.gradient) {
      const { text, room } = node.gradient;
      const width = room * CHARACTER + 6;
      const [x, y] = [Number(text.getAttribute("x")) - width / 2, Number(text.getAttribute("y")) - 10.4];
      const hatch = make("rect", { class: "hatch", x, y, width, height: 14, rx: 3 }, node.group);
      node.group.insertBefore(hatch, text);
    }
    const middle = box.x + box.width / 2;
    node.badge = make("text", { class: "badge", x: middle, y: box.y + box.height + 12 }, node.group);
    node.mark = make("text", { class: "mark", x: box.x + box.width - 2, y: box.y + 5 }, node.group);
  }

  // A number that is wider than its place is set narrower.
  function write(line, text) {
    if (!line) return;
    const whole = line.prefix + text;
    line.text.textContent = whole;
    if ([...text].length > line.room) {
      line.text.setAttribute("textLength", ((line.prefix.length + line.room) * CHARACTER).toFixed(1));
      line.text.setAttribute("lengthAdjust", "spacingAndGlyphs");
    } else line.text.removeAttribute("textLength");
  }

  // Show a state:
  //   run, snapshot    the numbers, and which of them are known
  //   event            the step that is being taken, or null
  //   wrong            the nodes with a wrong gradient, and the right gradients; or null
  //   focus            {id, nodes, edges}: a node and all that lies on its paths; or null
  //   labels           what a screen reader says of each node
  function show({ run, snapshot, event, wrong, focus, labels, troubles }) {
    const lit = new Set(event ? graph.nodes[event.node].edges : []);
    const ends = new Set(event ? graph.nodes[event.node].args : []);
    nodes.forEach((node, id) => {
      const { known, gradients, states } = snapshot;
      const isWrong = wrong !== null && states[id] === "final" && wrong.ids.has(id);
      write(node.value, known[id] ? words.number(run.values[id]) : "·");
      write(node.gradient, states[id] === "none" ? "·" : words.number(gradients[id]));
      node.badge.textContent = isWrong ? `right: ${words.number(wrong.right[id])}` : "";
      node.mark.textContent = known[id] && troubles.has(id) ? "⚠" : "";
      const set = (name, on) => node.group.classList.toggle(name, on);
      set("is-unknown", !known[id]);
      set("is-active", event !== null && event.node === id);
      set("is-forward", event !== null && event.kind === "forward");
      set("is-operand", ends.has(id));
      set("is-part", states[id] === "part");
      set("is-wrong", isWrong);
      set("is-trouble", known[id] && troubles.has(id));
      set("is-focus", focus !== null && focus.id === id);
      set("is-aside", focus !== null && !focus.nodes.has(id));
      node.group.setAttribute("aria-label", labels[id]);
      node.group.setAttribute("aria-pressed", String(focus !== null && focus.pinned && focus.id === id));
    });
    for (const wire of wires) {
      wire.classList.toggle("is-aside", focus !== null && !focus.nodes.has(Number(wire.dataset.wire)));
    }
    edges.forEach((edge, number) => {
      const set = (name, on) => edge.group.classList.toggle(name, on);
      set("is-forward", lit.has(number) && event.kind === "forward");
      set("is-backward", lit.has(number) && event.kind === "backward");
      set("is-path", focus !== null && focus.edges.has(number));
      set("is-aside", focus !== null && !focus.edges.has(number));
    });
    for (const node of graph.nodes) {
      node.edges.forEach((number, position) => {
        const { text } = edges[number] || {};
        if (text) text.textContent = snapshot.known[node.id] ? `∂ ${words.number(run.locals[node.id][position] ?? 0)}` : "";
      });
    }
  }

  // --- pan and zoom --------------------------------------------------------------------------------------------------

  const whole = svg.viewBox.baseVal;
  const size = { x: whole.x, y: whole.y, width: whole.width, height: whole.height };
  const middle = { x: size.x + size.width / 2, y: size.y + size.height / 2 };
  let view = { x: middle.x, y: middle.y, scale: 1 };
  let isFitted = true;
  let isUntouched = false; // from start() until the reader, or a step, moves the view

  const room = () => ({ width: svg.clientWidth || 1, height: svg.clientHeight || 1 });
  const fitting = () => Math.min(room().width / size.width, room().height / size.height, 2.4);

  function place(next) {
    const { width, height } = room();
    const scale = Math.min(Math.max(next.scale, Math.min(fitting(), READABLE) / 2), CLOSEST);
    const clamp = (x, low, length) => Math.min(Math.max(x, low), low + length);
    view = { x: clamp(next.x, size.x, size.width), y: clamp(next.y, size.y, size.height), scale };
    const box = [view.x - width / 2 / scale, view.y - height / 2 / scale, width / scale, height / scale];
    svg.setAttribute("viewBox", box.map((x) => x.toFixed(2)).join(" "));
  }

  function fit() {
    isFitted = true;
    isUntouched = false;
    place({ ...middle, scale: fitting() });
  }

  // Fit, or where the text would then be too small to read, begin at the output.
  function start() {
    fit();
    isUntouched = true;
    if (view.scale >= READABLE) return;
    const { width, height } = room();
    isFitted = false;
    const scale = Math.min(Math.max(width / size.width, height / size.height, 1.5 * READABLE), 1);
    const box = boxOf(nodes[graph.output].group);
    const within = (x, low, length, seen) =>
      seen >= length ? low + length / 2 : Math.min(Math.max(x, low + seen / 2), low + length - seen / 2);
    const x = within(box.x + box.width / 2, size.x, size.width, width / scale);
    const y = within(box.y + box.height / 2, size.y, size.height, height / scale);
    place({ x, y, scale });
  }

  // Zoom by a factor about a point of the window, which stays where it is.
  function zoom(factor, at = null) {
    isFitted = isUntouched = false;
    const frame = svg.getBoundingClientRect();
    const [dx, dy] = at ? [at.x - frame.left - frame.width / 2, at.y - frame.top - frame.height / 2] : [0, 0];
    const [px, py] = [view.x + dx / view.scale, view.y + dy / view.scale];
    const before = view.scale;
    place({ ...view, scale: before * factor });
    place({ x: px - dx / view.scale, y: py - dy / view.scale, scale: view.scale });
  }

  function pan(dx, dy) {
    isFitted = isUntouched = false;
    place({ x: view.x - dx / view.scale, y: view.y - dy / view.scale, scale: view.scale });
  }

  // Bring a node into view, if it is not, by the shortest way.
  function reveal(id) {
    const { width, height } = room();
    const box = boxOf(nodes[id].group);
    const near = (x, low, length, seen) => {
      const margin = Math.max(Math.min(30, (seen - length) / 2), 0);
      if (low >= x - seen / 2 && low + length <= x + seen / 2) return x;
      return low < x - seen / 2 ? low - margin + seen / 2 : low + length + margin - seen / 2;
    };
    const x = near(view.x, box.x, box.width, width / view.scale);
    const y = near(view.y, box.y, box.height, height / view.scale);
    if (x !== view.x || y !== view.y) place({ x, y, scale: view.scale });
  }

  // A frame in a notebook gets its size late, so until the view was moved, a new size means a new start.
  new ResizeObserver(() => (isUntouched ? start() : isFitted ? fit() : place(view))).observe(svg);

  return { show, fit, start, zoom, pan, reveal, nodes, edges };
};
