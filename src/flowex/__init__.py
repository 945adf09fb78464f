"""FlowEx: an exchange around one deterministic machine.

The rooms, from the ground up; a room imports only from those below its own floor:

- `units`     integers with a meaning: prices, quantities, amounts, instants
- `messages`  commands, events and results, as they travel and as they are stored
- `ports`     what rooms ask of each other and of the world, as protocols
- `toolkit`   small machinery that at least two rooms use
- `engine`, `services`, `adapters`   the machine, the deployables, the technologies; strangers
- `app`       the command line, the settings, the wiring: the only place that knows everybody
- `compat`    apart from all: sets up other people's clients, and knows nobody

`flowex._core` is the native machine, present where a C++ compiler was.
"""
