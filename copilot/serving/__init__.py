"""The core in a process of its own, for front ends that must never wait for it."""
