"""How far two columns of numbers agree, and how well one tells two groups apart."""
