package mutate

import (
	"slices"
	"strings"
)

func requestHeaderLost(t *Target) bool  { return t.dropHeaders(not(ours)) }
func responseHeaderLost(t *Target) bool { return t.dropHeaders(not(ours)) }

// ours are the headers that every translation handles; the mutations are about those of the case.
func ours(name string) bool {
	return prefixed("x-forwarded-", "x-real-ip", "x-scheme", "x-original-", "x-request-id", "strict-transport", "proxy", "ssl-client-", "server", "x-envoy-", "i2g")(name)
}

func not(f func(string) bool) func(string) bool { return func(s string) bool { return !f(s) } }

func hstsLost(t *Target) bool { return t.dropHeaders(prefixed("strict-transport-security")) }

// forwardedForUnprotected lets the client's own X-Forwarded-For through: nothing sets it, and the connection manager
// believes it.
func forwardedForUnprotected(t *Target) bool {
	done := t.dropHeaders(prefixed("x-forwarded-for", "x-real-ip"))
	for _, ef := range t.kinds("EnvoyFilter") {
		done = replace(ef["spec"], "useremoteaddress", func(any) (any, bool) { return false, true }) || done
	}
	return done
}

func corsLost(t *Target) bool {
	done := t.dropHeaders(prefixed("access-control-"))
	for _, d := range t.Docs {
		done = drop(d["spec"], "corspolicy") || done
	}
	return t.dropFilters("Cors", "CorsPolicy") || done
}

func authorityLost(t *Target) bool {
	done := t.dropHeaders(func(name string) bool { return name == "host" || name == ":authority" })
	for _, e := range t.entries() {
		rewrite, _ := e["rewrite"].(map[string]any)
		if _, ok := rewrite["authority"]; !ok {
			continue
		}
		if delete(rewrite, "authority"); len(rewrite) == 0 {
			delete(e, "rewrite")
		}
		done = true
	}
	for _, ef := range t.kinds("EnvoyFilter") {
		done = drop(ef["spec"], "hostrewriteliteral", "hostrewriteheader", "hostrewritepathregex") || done
	}
	return done
}

func affinityLost(t *Target) bool {
	done := t.dropFilters("StatefulSessionPerRoute", "StatefulSession")
	return hashLost(t) || done
}

func hashLost(t *Target) bool {
	done := false
	for _, d := range t.Docs {
		done = drop(d["spec"], "consistenthash", "hashpolicy") || done
	}
	return done
}

func authOpen(t *Target) bool {
	done := t.dropFilters("BasicAuthPerRoute", "BasicAuth", "ExtAuthzPerRoute", "ExtAuthz", "CompositePerRoute", "Composite", "RBACPerRoute", "RBAC", "LuaPerRoute")
	return t.dropKind("AuthorizationPolicy") || done
}

func addressListOpen(t *Target) bool {
	done := t.dropFilters("RBACPerRoute", "RBAC")
	return t.dropKind("AuthorizationPolicy") || done
}

// addressEntryLost removes the first network of every list of networks.
func addressEntryLost(t *Target) bool {
	done := false
	t.everywhere(func(m map[string]any) {
		for k, v := range m {
			l, _ := v.([]any)
			if len(l) == 0 {
				continue
			}
			if strings.HasSuffix(plain(k), "ipblocks") || isNetwork(l[0]) {
				m[k] = slices.Clone(l[1:])
				if len(l) == 1 {
					m[k] = neverMatching(l[0])
				}
				done = true
			}
		}
	})
	return done
}

// isNetwork tells whether an element of a list stands for a network: a range of addresses, or a principal that is one.
func isNetwork(e any) bool {
	m, _ := e.(map[string]any)
	for k, v := range m {
		switch plain(k) {
		case "addressprefix":
			return true
		case "remoteip", "directremoteip", "sourceip":
			_, ok := v.(map[string]any)
			return ok
		}
	}
	return false
}

// neverMatching takes the place of the only element of a list, since an empty list would be refused.
func neverMatching(e any) []any {
	if _, ok := e.(string); ok {
		return []any{"192.0.2.1/32"}
	}
	const address, size = "192.0.2.1", 32
	each(e, func(m map[string]any) {
		for k := range m {
			switch plain(k) {
			case "addressprefix":
				m[k] = address
			case "prefixlen":
				m[k] = size
			}
		}
	})
	return []any{e}
}

func retriesLost(t *Target) bool {
	done := false
	for _, e := range t.entries() {
		if e["route"] != nil {
			e["retries"] = map[string]any{"attempts": 0}
			done = true
		}
	}
	for _, ef := range t.kinds("EnvoyFilter") {
		done = drop(ef["spec"], "retrypolicy") || done
	}
	return done
}

func timeoutLost(t *Target) bool {
	done := false
	for _, e := range t.entries() {
		done = drop(map[string]any(e), "timeout", "pertrytimeout") || done
	}
	for _, d := range t.Docs {
		done = drop(d["spec"], "pertryidletimeout", "maxstreamduration", "idletimeout") || done
	}
	for _, ef := range t.kinds("EnvoyFilter") {
		done = drop(ef["spec"], "timeout", "pertrytimeout") || done
	}
	return done
}

// bodyLimitLost raises the limits of bytes and forgets the refusals by declared length.
func bodyLimitLost(t *Target) bool {
	const huge = 1 << 30
	done := t.dropFilters("HTTPFault")
	for _, ef := range t.kinds("EnvoyFilter") {
		done = replace(ef["spec"], "maxrequestbytes", func(any) (any, bool) { return huge, true }) || done
	}
	return done
}

func rateLimitLost(t *Target) bool { return t.dropFilters("LocalRateLimit", "RateLimitPerRoute") }

func errorPageLost(t *Target) bool { return t.dropFilters("LuaPerRoute", "Lua", "CustomResponse") }
