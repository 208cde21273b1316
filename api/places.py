"""Where things lie unless told otherwise, and the names of the variables that tell.

Shared by the service and the command line; kept apart so that `creditgraph --help` loads no web framework.
"""

OWN_PREFIX = "CREDITGRAPH_API_"
SHARED_PREFIX = "CREDITGRAPH_"
PEPPER_VARIABLE = SHARED_PREFIX + "PEPPER"
DEFAULT_STORE = "creditgraph.duckdb"
DEFAULT_SNAPSHOTS = "snapshots"
DEFAULT_BUNDLE = "bundle"
DEFAULT_MODELS = "models"
SIGNING_KEY_VARIABLE = SHARED_PREFIX + "SIGNING_KEY"
TRUSTED_KEYS_VARIABLE = SHARED_PREFIX + "TRUSTED_KEYS"
