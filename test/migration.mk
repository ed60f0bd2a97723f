# What clients notice of a migration by the operator. Included by the Makefile at the root, behind demo.mk.

MIGRATION := build/migration/bin/migration
# What is done; all of it if empty: walk,kill,change,swap,settings,drift,delete.
PARTS     ?= walk,kill,change,swap,settings,drift,delete

.PHONY: operator-e2e migration-build

## operator-e2e: the operator with a real API server, istiod and two Envoys, under requests: none may be lost, none be let through (PARTS=walk,drift)
operator-e2e: kube $(ENVOY) $(ISTIOD) migration-build
	@$(MIGRATION) -assets '$(KUBEBUILDER_ASSETS)' -istiod $(ISTIOD) -crds "$(istio_crds),deploy/crds" -envoy $(ENVOY) \
	  -operator bin/operator -fleet test/migration/fleet.yaml -out build/migration/run -parts '$(PARTS)'

migration-build:
	@mkdir -p $(dir $(MIGRATION))
	cd test && $(GO) build -o $(CURDIR)/$(MIGRATION) ./cmd/migration
	CGO_ENABLED=0 $(GO) build -ldflags '$(LDFLAGS)' -o bin/operator ./cmd/operator
