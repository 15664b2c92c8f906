"""What ``modes``, ``temperature`` and ``power`` return, each a format of its own beside the report's.

Additions keep a result's ``schema_version``; a removed, renamed or re-meant field raises it. Nothing here needs numpy.
"""
