# What a translation costs the control plane. Included by the Makefile at the root.
CONTROLPLANE := build/conformance/bin/controlplane
INGRESSES    ?= 1000
ROUNDS       ?= 3

.PHONY: bench-controlplane

## bench-controlplane: time from istiod being given INGRESSES translated Ingresses to the first answer through Envoy, as a ratio to the same without EnvoyFilters
bench-controlplane: conformance-converter $(ENVOY)
	@mkdir -p $(dir $(CONTROLPLANE))
	cd test && $(GO) build -o $(CURDIR)/$(CONTROLPLANE) ./cmd/controlplane
	$(CONTROLPLANE) -bin $(CONVERTER) -envoy $(ENVOY) -ingresses $(INGRESSES) -rounds $(ROUNDS) -out build/controlplane

## bench-operator: the operator with SCALE (1000) Ingresses on a real API server: sync, churn, memory, CPU
.PHONY: bench-operator
bench-operator: kube
	KUBEBUILDER_ASSETS='$(KUBEBUILDER_ASSETS)' $(GO) test -tags 'envtest scale' -count=1 -v -timeout 90m -run TestScale ./operator
