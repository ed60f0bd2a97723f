package nginx

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ingress2gw/ingress2gw/annotations"
)

func TestWhatABadValueCosts(t *testing.T) {
	want := map[annotations.Consequence][]string{
		annotations.DropIngress: {
			"auth-realm", "auth-secret-type", "auth-tls-error-page", "auth-tls-match-cn", "auth-tls-pass-certificate-to-upstream", "auth-tls-secret",
			"auth-type", "auth-url", "client-body-buffer-size", "connection-proxy-header", "custom-http-errors", "default-backend", "fastcgi-index",
			"fastcgi-params-configmap", "from-to-www-redirect", "http2-push-preload", "limit-allowlist", "limit-connections", "limit-rpm", "limit-rps",
			"limit-whitelist", "load-balance", "opentelemetry-operation-name", "permanent-redirect", "permanent-redirect-code", "proxy-ssl-secret",
			"relative-redirects", "server-alias", "ssl-ciphers", "ssl-passthrough", "temporal-redirect", "temporal-redirect-code", "upstream-hash-by",
			"upstream-hash-by-subset", "upstream-hash-by-subset-size", "upstream-vhost", "x-forwarded-prefix",
		},
		annotations.CloseIngress: {"allowlist-source-range", "auth-method", "auth-response-headers", "auth-secret", "denylist-source-range", "whitelist-source-range"},
		annotations.LoseAuth:     {"auth-always-set-cookie", "auth-cache-duration", "auth-request-redirect"},
		annotations.Ignore: {
			"affinity", "app-root", "auth-cache-key", "auth-proxy-set-headers", "auth-signin", "auth-signin-redirect-param", "canary-by-cookie",
			"canary-by-header", "canary-by-header-pattern", "canary-by-header-value", "custom-headers", "mirror-target", "modsecurity-transaction-id",
			"rewrite-target", "ssl-prefer-server-ciphers",
		},
	}
	got := map[annotations.Consequence][]string{}
	for _, f := range Features() {
		for _, k := range f.Keys {
			if k.Check != nil && k.Invalid != annotations.UseDefault {
				got[k.Invalid] = append(got[k.Invalid], k.Name)
			}
		}
	}
	for _, names := range got {
		slices.Sort(names)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("consequences (-want +declared):\n%s", diff)
	}
}

// With these keys set to rubbish, only the ones that close the Ingress for an empty list refuse an empty value.
func TestEmptyValuesAreNotChecked(t *testing.T) {
	for _, f := range Features() {
		for _, k := range f.Keys {
			if k.Check == nil {
				continue
			}
			refused := k.Check("") != nil
			want := k.Name == "allowlist-source-range" || k.Name == "denylist-source-range"
			if refused != want {
				t.Errorf("%s: an empty value is refused: %v, want %v", k.Name, refused, want)
			}
			if k.Check("\x00 bad;value\n}") == nil {
				t.Errorf("%s accepts rubbish", k.Name)
			}
		}
	}
}
