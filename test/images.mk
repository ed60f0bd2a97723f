# The images of deploy/, built and run without a container runtime. Included by the Makefile at the root, behind conformance.mk.

IMAGES := build/images

.PHONY: images

## images: build the images of deploy/ for amd64 and arm64 as their Dockerfiles say, and run them as their Deployments do; no container runtime needed
images: kube
	cd test/images && $(GO) vet ./... && $(GO) run . -repository $(CURDIR) -out $(CURDIR)/$(IMAGES)
	cd test/images && IMAGES='$(CURDIR)/$(IMAGES)' KUBEBUILDER_ASSETS='$(KUBEBUILDER_ASSETS)' $(GO) test -count=1 -timeout 30m $(TESTFLAGS) ./...
