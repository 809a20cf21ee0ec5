"""Settings of every test: property tests draw the same examples on every run, and are not timed."""

from hypothesis import settings

settings.register_profile("glassgrad", derandomize=True, deadline=None, database=None, max_examples=50)
settings.load_profile("glassgrad")
