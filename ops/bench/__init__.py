"""A load on a stack of its own, measured: throughput, latency, CPU and memory. What is loaded stands outside `ops`."""
