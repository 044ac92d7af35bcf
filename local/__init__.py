"""Everything `make run` starts on a laptop."""
