"""The machine in readable Python: specification, oracle, and fallback where there is no compiler.

One file per subject, named as in ``core/src``. Nothing here reads a clock, a file or chance, and
no number is a float. Where a rule could be read two ways, this code is the rule.
"""
