package mutate

// All mutations, in the order of the table: routing, redirects, headers, protections, TLS, backends, limits.
func All() []Mutation {
	return []Mutation{
		{"prefix-without-segment", "/toys also takes /toystore", []string{"path-prefix", "path-prefix-multi-element"}, prefixWithoutSegment},
		{"order-reversed", "a catch-all hides what stands behind it", []string{"path-longest-prefix-wins", "path-exact-beats-prefix"}, orderReversed},
		{"exact-becomes-prefix", "an exact path takes what lies below it", []string{"path-exact", "path-exact-trailing-slash"}, exactBecomesPrefix},
		{"pattern-case-sensitive", "regular expressions lose their (?i)", []string{"use-regex-basics", "regex-mode-is-host-wide"}, patternCaseSensitive},
		{"host-lost", "a host answers 404", []string{"host-exact", "host-wildcard"}, hostLost},
		{"backends-swapped", "two teams get each other's traffic", []string{"path-longest-prefix-wins", "mixed-hosts-on-one-gateway"}, backendsSwapped},
		{"delegate-lost", "one team's part of a shared host is gone", []string{"multi-ingress-cross-namespace", "regex-host-with-tls-in-two-namespaces"}, delegateLost},
		{"rewrite-lost", "backends see the public path", []string{"rewrite-target-capture-group", "rewrite-target-several-groups"}, rewriteLost},
		{"weight-lost", "the canary takes nothing", []string{"canary-weight", "canary-weight-total"}, weightLost},
		{"weights-reversed", "the canary takes most", []string{"canary-weight", "canary-weight-total"}, weightsReversed},
		{"canary-header-lost", "everybody is taken for a tester", []string{"canary-by-header", "canary-by-header-value"}, canaryHeaderLost},
		{"path-normalisation-lost", "a path with dots or doubled slashes goes elsewhere", []string{"path-dot-segments-and-double-slashes", "compose-auth"}, normalisationLost},
		{"default-backend-lost", "the catch-all answers 404", []string{"default-backend-with-rules", "default-backend-only"}, lastEntryLost},

		{"redirect-301-for-308", "a POST becomes a GET", []string{"permanent-redirect-code", "tls-redirect-shape"}, redirect301},
		{"redirect-dropped", "plain HTTP is served", []string{"force-ssl-redirect", "tls-redirect-shape", "permanent-redirect"}, redirectDropped},
		{"app-root-lost", "the front page is the backend's", []string{"app-root"}, redirectDropped},

		{"request-header-lost", "backends miss what the platform adds", []string{"config-proxy-set-headers", "snippet-set-headers"}, requestHeaderLost},
		{"response-header-lost", "clients miss what the platform adds", []string{"config-add-headers", "custom-headers"}, responseHeaderLost},
		{"hsts-lost", "browsers come back by plain HTTP", []string{"tls-hsts-default", "hsts-configured"}, hstsLost},
		{"forwarded-for-unprotected", "clients choose their own address", []string{"forwarded-headers-default"}, forwardedForUnprotected},
		{"cors-lost", "browsers refuse the answers", []string{"cors-defaults", "cors-one-origin"}, corsLost},
		{"host-header-rewrite-lost", "the backend gets the public host", []string{"upstream-vhost"}, authorityLost},
		{"cookie-affinity-lost", "sessions wander", []string{"affinity-cookie-default", "affinity-mode-persistent"}, affinityLost},

		{"basic-auth-open", "no password is asked for", []string{"basic-auth", "basic-auth-bcrypt"}, authOpen},
		{"external-auth-open", "nobody asks the authorization service", []string{"external-auth", "external-auth-signin"}, authOpen},
		{"address-list-open", "everybody gets in", []string{"allow-source-range", "deny-source-range"}, addressListOpen},
		{"address-list-entry-lost", "one network is treated as another", []string{"allow-source-range", "allow-and-deny-source-range"}, addressEntryLost},
		{"client-certificate-not-asked", "mutual TLS becomes plain TLS", []string{"mtls-required", "mtls-covers-the-host"}, clientCertificateNotAsked},

		{"wrong-certificate", "browsers warn", []string{"tls-basic", "tls-sni-selection"}, wrongCertificate},
		{"tls-floor-lost", "old protocols are back", []string{"tls-protocol-floor"}, tlsFloorLost},

		{"backend-tls-lost", "plain text is sent to a TLS port", []string{"backend-https", "proxy-ssl-verify"}, backendTLSLost},
		{"backend-not-verified", "any certificate of a backend will do", []string{"proxy-ssl-verify-wrong-name", "proxy-ssl-verify-wrong-ca"}, backendNotVerified},
		{"backend-name-lost", "a certificate of any name will do", []string{"proxy-ssl-verify-name-decides"}, backendNameLost},
		{"backend-port-wrong", "another port of the Service answers", []string{"service-named-port"}, backendPortWrong},
		{"hash-lost", "requests of one key are spread", []string{"upstream-hash-by-uri", "upstream-hash-by-header"}, hashLost},
		{"mirror-lost", "the shadow sees nothing", []string{"mirror", "mirror-host-and-fixed-path"}, mirrorLost},
		{"retries-lost", "a bad endpoint shows", []string{"next-upstream-on-503", "next-upstream-finds-good-endpoint"}, retriesLost},
		{"timeout-lost", "a hanging backend hangs the client", []string{"read-timeout-tries-1", "read-timeout-globally"}, timeoutLost},

		{"body-limit-lost", "any upload goes through", []string{"body-size-annotation", "body-size-default"}, bodyLimitLost},
		{"rate-limit-lost", "floods go through", []string{"limit-rps", "limit-rpm"}, rateLimitLost},
		{"error-page-lost", "the backend's own errors are seen", []string{"custom-http-errors", "custom-http-errors-global"}, errorPageLost},
	}
}
