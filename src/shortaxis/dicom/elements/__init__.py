"""The encoding: attributes, codes, UIDs, transfer syntaxes, and the words of the standard."""
