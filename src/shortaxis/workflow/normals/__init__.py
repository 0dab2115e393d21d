"""Normal limits from polar maps of healthy hearts: whose, in which groups, and how good."""
