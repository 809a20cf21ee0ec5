"""A curve through points from a CSV file: how coffee cools, though two of the temperatures were noted in Fahrenheit."""

from pathlib import Path

from autograd import compile, exp, parameter
from nn import Adam, fit, huber, read_csv, schedules, squared_error

table = read_csv(Path(__file__).with_name("curve.csv"), target="celsius")
minutes, celsius = table.X[:, 0], table.y

# Newton's law of cooling. Any function of one sample can be fitted; what it has to find starts at a rough guess.
room, above, tau = parameter(15.0), parameter(50.0), parameter(15.0)


def coffee(t):
    """Return the temperature after t minutes: what it is above the room's shrinks by 1/e in every tau minutes."""
    return room + above * exp(-t / tau)


# The square of a wrong point's error pulls the whole curve to it. Huber's loss grows only linearly from 1 °C on.
for loss in (squared_error, huber):
    room.data, above.data, tau.data = 15.0, 50.0, 15.0
    optimizer = Adam([room, above, tau], schedules.cosine(1.0, 0.0, steps=1000))
    history = fit(coffee, minutes, celsius, loss=loss, optimizer=optimizer, epochs=1000)
    found = f"{room.data:.1f} + {above.data:.1f} exp(-t / {tau.data:.1f})"
    print(f"{loss.__name__:13}  {found}  ({history.path})")

try:
    import matplotlib.pyplot as plt
except ImportError:  # it is optional
    print("For a picture: pip install matplotlib")
else:
    curve = compile(coffee, 0.0)  # all minutes in one call
    plt.plot(minutes, celsius, "o", minutes, curve(minutes))
    plt.xlabel("minutes")
    plt.ylabel("°C")
    plt.savefig("curve.png")
    print("See curve.png")
