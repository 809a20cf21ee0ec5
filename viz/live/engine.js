// The engine: values forward, gradients backward, one node at a time, on 64-bit floats as in Python and in the same
// order. It knows nothing of the page.
//
//   const graph = engine.graph(nodes)        nodes as page.py wrote them, each after its operands, the output last
//   const run = engine.run(graph, leaves)    leaves: the value of each leaf, by node number
//   run.values, run.gradients, run.events    an event for each step, first forward, then backward
//   engine.snapshot(run, k)                  what is known after the first k events

const engine = (() => {
  const MOST_CALLS = 3000; // of the backward pass without order, which takes as many as there are paths

  // --- the graph -----------------------------------------------------------------------------------------------------

  function graph(nodes) {
    let edges = 0;
    const made = nodes.map((node, id) => ({
      ...node,
      id,
      isLeaf: node.args.length === 0,
      isConstant: node.kind === "constant",
      edges: node.args.map(() => edges++), // the number of the edge to each operand
      operation: node.args.length ? operation(node) : null,
      users: [], // {node, position, edge}: where this node is an operand
    }));
    for (const node of made) {
      node.args.forEach((operand, position) => {
        made[operand].users.push({ node: node.id, position, edge: node.edges[position] });
      });
    }
    const interior = made.filter((node) => !node.isLeaf).map((node) => node.id);
    return { nodes: made, edges, interior, output: made.length - 1 };
  }

  // A row of either table, as functions of the list of operands.
  function operation(node) {
    const many = REDUCTIONS[node.op];
    if (many) {
      return {
        value: (xs) => many.value(xs, node.weights),
        slopes: (xs, z) => many.slopes(xs, z, node.weights),
        text: (xs) => many.text(xs, node.weights),
        symbols: (xs, z) => many.symbols(xs, z, node.weights),
        inside: () => true,
        domain: "",
        note: many.note || "",
      };
    }
    const row = ROWS[node.op];
    return {
      value: (xs) => row.value(...xs),
      slopes: (xs, z) => row.slopes.map((slope) => slope && slope(...xs, z)),
      text: () => row.text,
      symbols: (xs, z) => row.symbols.map((symbol) => symbol(...xs, z)),
      inside: (xs) => row.inside(...xs),
      domain: row.domain,
      note: row.note,
    };
  }

  const operands = (node, values) => node.args.map((operand) => values[operand]);

  // --- forward and backward ------------------------------------------------------------------------------------------

  // Run the graph forward, and backward in one of three ways: "right", or wrong as in "assign" (gradients are written
  // with = instead of +=) or "recursion" (a node calls its operands' backward at once, without topological order).
  function run(graph, leaves, mode = "right") {
    const values = graph.nodes.map((node, id) => (node.isLeaf ? leaves[id] : NaN));
    const events = [];
    for (const id of graph.interior) {
      const node = graph.nodes[id];
      values[id] = node.operation.value(operands(node, values));
      events.push({ kind: "forward", node: id, value: values[id] });
    }
    const locals = graph.nodes.map((node, id) =>
      node.isLeaf ? [] : node.operation.slopes(operands(node, values), values[id]),
    );
    const gradients = graph.nodes.map((_, id) => (id === graph.output ? 1 : 0));
    const passed = passes(graph, locals, gradients, mode);
    const calls = mode === "recursion" ? countCalls(graph) : BigInt(graph.interior.length);
    return {
      graph, mode, values, locals, gradients, calls, // of backward
      forward: events.length,
      events: events.concat(passed || []),
      isComplete: passed !== null,
    };
  }

  // Let one node after the other pass its gradient on; return the events, or null where they would be too many.
  function passes(graph, locals, gradients, mode) {
    if (mode === "recursion" && countCalls(graph) > MOST_CALLS) return null;
    const order = mode === "recursion" ? depthFirst(graph) : [...graph.interior].reverse();
    const events = order.map((id) => ({
      kind: "backward",
      node: id,
      gradient: gradients[id],
      contributions: graph.nodes[id].args.map((operand, position) => {
        const slope = locals[id][position]; // null: the row says 0, and not even ∞ · 0 gets through
        const flows = slope !== null && !graph.nodes[operand].isConstant;
        const amount = flows ? gradients[id] * slope : 0;
        const before = gradients[operand];
        const total = mode === "assign" ? amount : before + amount;
        if (!graph.nodes[operand].isConstant) gradients[operand] = total;
        const edge = graph.nodes[id].edges[position];
        return { operand, position, edge, local: slope ?? 0, amount, before, total, isFinal: false, isFirst: false };
      }),
    }));
    const touched = new Map();
    for (const event of events) {
      for (const part of event.contributions) {
        part.isFirst = !touched.has(part.operand);
        touched.set(part.operand, part);
      }
    }
    for (const part of touched.values()) part.isFinal = true; // the last contribution of each operand
    return events;
  }

  // The order of calls of
  //     def backward(v):
  //         v._backward()                       # adds to the operands' gradients
  //         for operand in v._prev: backward(operand)
  function depthFirst(graph) {
    const order = [];
    const waiting = [graph.output];
    while (waiting.length) {
      const id = waiting.pop();
      if (!graph.nodes[id].isLeaf) order.push(id);
      waiting.push(...[...graph.nodes[id].args].reverse());
    }
    return order;
  }

  // How often depthFirst calls backward on nodes that are not leaves: once for each path from the output.
  function countCalls(graph) {
    const paths = countPaths(graph, graph.output);
    return graph.interior.reduce((sum, id) => sum + paths[id], 0n);
  }

  // What is known after the first k events. A gradient is "none", "part" (more will be added) or "final".
  function snapshot(run, k) {
    const { graph, events, forward } = run;
    const known = graph.nodes.map((node) => node.isLeaf);
    const gradients = graph.nodes.map(() => null);
    const states = graph.nodes.map(() => "none");
    const done = Math.min(k, events.length);
    if (k > forward) [gradients[graph.output], states[graph.output]] = [1, "final"];
    for (let i = 0; i < done; i += 1) {
      const event = events[i];
      if (event.kind === "forward") known[event.node] = true;
      else {
        for (const part of event.contributions) {
          if (graph.nodes[part.operand].isConstant) continue;
          gradients[part.operand] = part.total;
          states[part.operand] = part.isFinal ? "final" : "part";
        }
      }
    }
    return { known, gradients, states };
  }

  // --- what is wrong -------------------------------------------------------------------------------------------------

  const differ = (a, b) =>
    !(a === b || (a !== a && b !== b) || Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b)));

  // Compare a wrong pass with the right one: the nodes whose gradients differ, and the first step that goes wrong.
  function compare(right, wrong) {
    const nodes = right.graph.nodes.filter(
      (node) => !node.isConstant && wrong.isComplete && differ(right.gradients[node.id], wrong.gradients[node.id]),
    );
    let first = null;
    const seen = new Set();
    for (const event of wrong.events) {
      if (first || event.kind === "forward") continue;
      if (wrong.mode === "assign") {
        const part = event.contributions.find(
          (p) => !p.isFirst && p.before !== 0 && !right.graph.nodes[p.operand].isConstant,
        );
        if (part) first = { event, part };
      } else if (seen.has(event.node) || differ(event.gradient, right.gradients[event.node])) {
        first = { event, isAgain: seen.has(event.node) };
      }
      seen.add(event.node);
    }
    return { ids: nodes.map((node) => node.id), first };
  }

  // The first nodes that are nan or infinite although their operands are not, and those outside their domain.
  function troubles(run) {
    return run.graph.interior.filter((id) => {
      const node = run.graph.nodes[id];
      const xs = operands(node, run.values);
      return xs.every(Number.isFinite) && (!Number.isFinite(run.values[id]) || !node.operation.inside(xs));
    });
  }

  // --- paths ---------------------------------------------------------------------------------------------------------

  // The number of paths from each node up to `top`, exactly.
  function countPaths(graph, top) {
    const counts = graph.nodes.map(() => 0n);
    counts[top] = 1n;
    for (let id = top; id >= 0; id -= 1) {
      if (counts[id] === 0n) continue;
      for (const operand of graph.nodes[id].args) counts[operand] += counts[id];
    }
    return counts;
  }

  // The nodes and edges on a way from `id` to the output, the number of such ways, and `most` of them by size.
  function paths(run, id, most) {
    const { graph, locals } = run;
    const nodes = new Set([id]);
    const edges = new Set();
    for (let k = id; k <= graph.output; k += 1) {
      if (!nodes.has(k)) continue;
      for (const user of graph.nodes[k].users) {
        nodes.add(user.node);
        edges.add(user.edge);
      }
    }
    const count = countPaths(graph, graph.output)[id];
    const listed = [];
    if (count <= 200n) {
      const walk = (k, path, product) => {
        if (k === graph.output) listed.push({ path, product });
        for (const user of graph.nodes[k].users) {
          walk(user.node, [...path, user], product * (locals[user.node][user.position] ?? 0));
        }
      };
      walk(id, [], 1);
      listed.sort((a, b) => Math.abs(b.product) - Math.abs(a.product));
    }
    return { nodes, edges, count, listed: listed.slice(0, most) };
  }

  return { graph, run, snapshot, compare, troubles, paths };
})();
