"""Breaking a stack on purpose: each fault restores what it broke, and proves that it took effect.

`python -m ops.faults.proxy` stands on the links between gateway and services; `ops.faults.wire` tells it what to break.
"""
