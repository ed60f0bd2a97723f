# A real Kubernetes API server and a real istiod, built from source and cached below build/. Included by
# conformance.mk. The first build takes a quarter of an hour on two cores; afterwards nothing is done.

GO        ?= go
# The three programs of this folder are found by controller-runtime's envtest; a folder that is named is taken as it is.
KUBEBUILDER_ASSETS ?= $(CURDIR)/$(KUBE_ASSETS)
ISTIOD    ?= $(ISTIOD_BUILT)

KUBE_ASSETS   := build/kube/$(KUBERNETES_VERSION)
KUBE_PROGRAMS := etcd kube-apiserver kube-controller-manager
KUBE_MODULE   := test/versions.mk test/kube/go.mod test/kube/go.sum
KUBE_STAMP    := k8s.io/component-base/version
KUBE_MINOR    := $(word 2,$(subst ., ,$(KUBERNETES_VERSION)))
# Without the version the server would present itself as v0.0.0.
KUBE_LDFLAGS  := -s -w -X $(KUBE_STAMP).gitVersion=$(KUBERNETES_VERSION) -X $(KUBE_STAMP).gitMajor=1 -X $(KUBE_STAMP).gitMinor=$(KUBE_MINOR)
ISTIOD_BUILT  := build/istiod/$(ISTIO_VERSION)/pilot-discovery

.PHONY: kube istiod envtest

## kube: build etcd, kube-apiserver and kube-controller-manager (KUBEBUILDER_ASSETS=dir takes others)
kube: $(KUBE_PROGRAMS:%=$(KUBEBUILDER_ASSETS)/%)

## istiod: build the control plane's program, which `make conformance-cluster` runs
istiod: $(ISTIOD)

## envtest: tests of the product against a real API server (the packages with files of the build tag envtest)
envtest: kube
	@packages=$$(grep -rl --include='*_test.go' --exclude-dir=build --exclude-dir=test '^//go:build envtest' . | xargs -r -n1 dirname | sort -u); \
	if [ -z "$$packages" ]; then echo 'envtest: no package has tests of this kind'; exit 0; fi; \
	set -x; $(GO) vet -tags envtest $$packages && $(GO) vet -tags 'envtest scale' ./operator && KUBEBUILDER_ASSETS='$(KUBEBUILDER_ASSETS)' $(GO) test -tags envtest -timeout 30m $(TESTFLAGS) $$packages

# One at a time: the linker alone takes more than 2 GB.
$(CURDIR)/$(KUBE_ASSETS)/etcd: $(KUBE_MODULE)
	@$(call kube_build,etcd,-s -w,go.etcd.io/etcd/server/v3,go.etcd.io/etcd/server/v3,$(ETCD_VERSION))

$(CURDIR)/$(KUBE_ASSETS)/kube-apiserver: $(KUBE_MODULE) | $(CURDIR)/$(KUBE_ASSETS)/etcd
	@$(call kube_build,kube-apiserver,$(KUBE_LDFLAGS),k8s.io/kubernetes/cmd/kube-apiserver,k8s.io/kubernetes,$(KUBERNETES_VERSION))

$(CURDIR)/$(KUBE_ASSETS)/kube-controller-manager: $(KUBE_MODULE) | $(CURDIR)/$(KUBE_ASSETS)/kube-apiserver
	@$(call kube_build,kube-controller-manager,$(KUBE_LDFLAGS),k8s.io/kubernetes/cmd/kube-controller-manager,k8s.io/kubernetes,$(KUBERNETES_VERSION))

# kube_build: program, linker flags, package, module, version. The versions of this project stand in one file; the module
# file has to agree.
define kube_build
set -e; mkdir -p $(KUBE_ASSETS); cd test/kube; \
got=$$($(GO) list -m -f '{{.Version}}' $(4)); \
[ "$$got" = '$(5)' ] || { echo "test/kube/go.mod has $(4) $$got, test/versions.mk wants $(5)"; exit 1; }; \
echo "building $(1) $(5): minutes the first time, seconds from the cache"; \
CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(2)' -o $(CURDIR)/$(KUBE_ASSETS)/$(1) $(3); \
touch $(CURDIR)/$(KUBE_ASSETS)/$(1)
endef

# The same flags as for the discovery server inside the conformance program, so that both share what is compiled.
$(ISTIOD_BUILT): test/versions.mk test/go.mod test/go.sum
	@set -e; mkdir -p $(dir $@); cd test; \
	got=$$($(GO) list -m -f '{{.Version}}' istio.io/istio); \
	[ "$$got" = '$(ISTIO_VERSION)' ] || { echo "test/go.mod has istio.io/istio $$got, test/versions.mk wants $(ISTIO_VERSION)"; exit 1; }; \
	echo 'building istiod: minutes the first time, seconds from the cache'; \
	$(GO) build -o $(CURDIR)/$@ istio.io/istio/pilot/cmd/pilot-discovery; touch $(CURDIR)/$@
