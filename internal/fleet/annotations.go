package fleet

import "strconv"

const prefix = "nginx.ingress.kubernetes.io/"

// heavy are the annotations of a heavy Ingress.
func heavy() entries {
	return entries{
		{"ssl-redirect", "true"}, {"force-ssl-redirect", "true"},
		{"proxy-body-size", "25m"}, {"proxy-buffering", "off"}, {"proxy-buffer-size", "16k"},
		{"proxy-connect-timeout", "5"}, {"proxy-read-timeout", "90"}, {"proxy-send-timeout", "90"}, {"proxy-next-upstream", "error timeout"},
		{"enable-cors", "true"}, {"cors-allow-origin", "https://shop.example.com, https://admin.example.com"},
		{"cors-allow-methods", "GET, PUT"}, {"cors-allow-headers", "X-Tenant, X-Trace"}, {"cors-max-age", "900"},
		{"whitelist-source-range", "10.0.0.0/8,192.168.0.0/16"}, {"limit-rps", "25"}, {"limit-connections", "10"},
		{"auth-url", "https://login.example.com/check"}, {"auth-signin", "https://login.example.com/begin"}, {"auth-response-headers", "X-User, X-Groups"},
		{"affinity", "cookie"}, {"session-cookie-name", "stick"}, {"session-cookie-max-age", "7200"}, {"upstream-hash-by", "$remote_addr"},
		{"upstream-vhost", "inner.example.com"}, {"custom-headers", "ingress-nginx/extra-headers"},
		{"configuration-snippet", "more_set_headers \"X-Content-Type-Options: nosniff\";\n"},
		{"server-snippet", "location /private {\n  deny all;\n}\n"},
	}
}

// annotations makes up the annotations of one Ingress.
func (g *generator) annotations() entries {
	var a entries
	switch g.Profile {
	case Heavy:
		a = heavy()
	case Light:
		a = g.light()
	}
	for i := range a {
		a[i].key = prefix + a[i].key
	}
	return a
}

// light picks up to three groups of annotations that are seen everywhere.
func (g *generator) light() entries {
	groups := []func() entries{
		func() entries { return entries{{"ssl-redirect", g.pick("true", "false")}} },
		func() entries { return entries{{"proxy-body-size", g.pick("1m", "16m", "0", "512k")}} },
		func() entries {
			return entries{{"proxy-read-timeout", strconv.Itoa(30 * (1 + g.random.IntN(40)))}, {"proxy-send-timeout", "60"}}
		},
		func() entries {
			return entries{{"enable-cors", "true"}, {"cors-allow-origin", "https://shop.example.com"}}
		},
		func() entries { return entries{{"backend-protocol", g.pick("HTTP", "HTTPS", "GRPC")}} },
		func() entries { return entries{{"whitelist-source-range", "10.0.0.0/8"}} },
		func() entries { return entries{{"affinity", "cookie"}, {"session-cookie-name", "stick"}} },
		func() entries { return entries{{"limit-rps", "20"}} },
		func() entries { return entries{{"rewrite-target", "/"}} },
		func() entries { return entries{{"permanent-redirect", "https://new.example.com/"}} },
	}
	g.random.Shuffle(len(groups), func(i, j int) { groups[i], groups[j] = groups[j], groups[i] })
	var a entries
	for _, group := range groups[:g.random.IntN(4)] {
		a = append(a, group()...)
	}
	return a
}

func (g *generator) pick(values ...string) string { return values[g.random.IntN(len(values))] }
