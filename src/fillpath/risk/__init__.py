"""May we: the pure judgement of every order before it leaves."""
