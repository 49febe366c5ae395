"""Breaking a stack on purpose: each fault is confirmed, restored and timed. `catalogue` lists the kinds.

A service fault is done to its processes or containers; a link fault is made by the proxy (`proxy/`) between a caller
and its peers.
"""
