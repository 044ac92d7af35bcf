"""The agent's mind: what it is told, how its answer is read, and what never leaves it. Pure."""
