"""One run of the main job: checks, stack, scenarios, evidence, reports, and everything away again."""
