"""Two moons: a network learns to tell two interleaved half circles apart, as in micrograd's demo."""

from nn import MLP, SGD, fit, hinge, l2, moons, predict, schedules

X, y = moons(100, noise=0.1, seed=0)
model = MLP(2, [16, 16, 1], seed=1)

# The model and the loss are code for one point. fit compiles them, and each step takes all points at once.
rate = schedules.linear(1.0, 0.1, steps=100)
history = fit(model, X, y, loss=hinge, penalty=l2(1e-4), optimizer=SGD(model.parameters(), rate), epochs=100)
print(f"Loss: {history['loss'][0]:.3f} at first, {history.last('loss'):.3f} at last ({history.path})")

X_new, y_new = moons(1000, noise=0.1, seed=1)
right = (predict(model, X_new) > 0) == (y_new == 1)
print(f"Right: {right.mean():.1%} of a thousand other points")

# The same one point after the other, through the graph of scalars, says what the compiling is worth.
twin = MLP(2, [16, 16, 1], seed=1)
eager = fit(twin, X, y, loss=hinge, penalty=l2(1e-4), epochs=3, compile=False)
compiled, uncompiled = (1e6 * run.seconds / run.steps for run in (history, eager))
print(f"A step took {compiled:.0f} µs, and {uncompiled:.0f} µs without compiling")

try:
    from viz.plots import plot_decision
except ImportError as missing:  # Matplotlib is optional
    print(missing)
else:
    plot_decision(model, X, y).figure.savefig("moons.png")
    print("See moons.png")
