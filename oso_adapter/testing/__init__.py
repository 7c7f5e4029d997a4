"""The author's kit: everything with which the author of a plugin tests it, without a school.

Installed with ``oso-adapter[testing]`` it is a pytest plugin; :mod:`.plugin` has the fixtures, and
:mod:`.contract` the suite that a plugin has to pass.
"""
