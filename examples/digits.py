"""Digits: handwriting of 8 × 8 pixels, learned in mini-batches, with validation data that say when to stop."""

from sklearn.datasets import load_digits  # scikit-learn comes with the images; nothing else is wanted of it

from nn import MLP, Adam, cross_entropy, fit, load_model, predict, train_test_split

images, labels = load_digits(return_X_y=True)
X, X_test, y, y_test = train_test_split(images / 16, labels, test=0.2, seed=0, stratify=True)

model = MLP(64, [32, 10], initial="he", seed=0)
print(model.summary())

# A tenth is held back from learning; when its loss has not fallen for 8 epochs, the best weights so far are kept.
history = fit(
    model, X, y, loss=cross_entropy, optimizer=Adam(model.parameters(), 0.005), epochs=60, batch_size=32,
    validation=0.1, early_stopping=8, metrics="accuracy",
)  # fmt: skip
best = history.best_epoch
print(f"Stopped after {history.epochs} epochs; the weights are those of epoch {best} ({history.path})")
print(f"Right: {history['validation_accuracy'][best - 1]:.1%} of the validation data")

# The verdict is that of images which have had no say so far; the model that gives it comes out of a file.
model.save("digits.npz")
guesses = predict(load_model("digits.npz"), X_test).argmax(axis=1)
print(f"Right: {(guesses == y_test).mean():.1%} of the test data")

# What is it that it gets wrong?
wrong = (guesses != y_test).nonzero()[0][0]
print(f"It saw {guesses[wrong]} where the label says {y_test[wrong]}:")
for row in X_test[wrong].reshape(8, 8):
    print("   ", "".join(" .:-=+*#%@"[int(9 * ink)] * 2 for ink in row).rstrip())
