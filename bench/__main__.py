"""``python -m bench`` measures everything; see ``bench/run.py``."""

from bench.run import main

main()
