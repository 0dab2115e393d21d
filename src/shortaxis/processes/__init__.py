"""Work in processes that may die: supervised workers, their limits and their ends."""
