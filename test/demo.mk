# A migration to watch, on this machine. Included by the Makefile at the root, behind conformance.mk.

DEMO := build/demo/bin/demo
# What goes on by hand when the walk is over; none where nobody sits at a terminal.
DEMO_SHELL ?= $$([ -t 0 ] && echo $${SHELL:-/bin/sh})

.PHONY: demo demo-build

## demo: watch a host move from ingress-nginx to Istio, with requests running; no cluster needed. A shell at its end is yours
demo: kube $(ENVOY) $(ISTIOD) demo-build
	@$(DEMO) -assets '$(KUBEBUILDER_ASSETS)' -istiod $(ISTIOD) -crds "$(istio_crds),deploy/crds" -envoy $(ENVOY) \
	  -operator bin/operator -fleet test/demo/fleet.yaml -out build/demo/run -shell "$(DEMO_SHELL)"

demo-build:
	@mkdir -p $(dir $(DEMO))
	cd test && $(GO) build -o $(CURDIR)/$(DEMO) ./cmd/demo
	CGO_ENABLED=0 $(GO) build -ldflags '$(LDFLAGS)' -o bin/operator ./cmd/operator
