"""The inbox: proposals that wait for a decision, and what became of the others."""
