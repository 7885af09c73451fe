"""The rest of the way: from a journal to countable rows, with pipeline and store on one core."""
