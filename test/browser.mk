# The HTML report in a real browser; see test/browser. Included by the Makefile at the root.
NPM      ?= npm
CHROMIUM ?= $(firstword $(shell command -v chromium chromium-browser google-chrome 2>/dev/null) chromium)
AXE      := build/axe/$(AXE_VERSION)/axe.min.js
BROWSER  := build/browser

browser_env = CHROMIUM='$(CHROMIUM)' AXE='$(CURDIR)/$(AXE)' CONVERTER='$(abspath $(CONVERTER))' OUT='$(CURDIR)/$(BROWSER)'

.PHONY: browser bench-html chromium

## browser: test the HTML report in Chromium (CHROMIUM=/path for one of your own); screenshots are left in build/browser
browser: chromium $(AXE) conformance-converter
	@mkdir -p $(BROWSER)
	cd test && $(GO) vet -tags browser ./browser && $(browser_env) $(GO) test -tags browser -count=1 $(TESTFLAGS) ./browser

## bench-html: time to open and to filter the report of INGRESSES=10000 heavy Ingresses, as a ratio to an empty page of the same size
bench-html: INGRESSES = 10000
bench-html: chromium conformance-converter
	@mkdir -p $(BROWSER)
	cd test && $(browser_env) INGRESSES=$(INGRESSES) $(GO) test -tags browser -count=1 -run '^$$' -bench HTML -benchtime 1x -timeout 30m ./browser

## chromium: install Debian's Chromium, unless there is one
chromium:
	@command -v '$(CHROMIUM)' >/dev/null || { \
	  test "$$(id -u)" = 0 && command -v apt-get >/dev/null || { echo 'No Chromium: install one, or say CHROMIUM=/path/to/it'; exit 1; }; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; }

$(AXE): test/versions.mk
	rm -rf $(@D) && mkdir -p $(@D)
	cd $(@D) && $(NPM) pack --silent axe-core@$(AXE_VERSION)
	cd $(@D) && echo '$(AXE_SHA512)  axe-core-$(AXE_VERSION).tgz' | sha512sum --check --quiet
	cd $(@D) && tar --extract --gzip --strip-components=1 --file axe-core-$(AXE_VERSION).tgz package/axe.min.js && touch axe.min.js
