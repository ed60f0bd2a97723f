//go:build browser

package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// heavy are the annotations of an Ingress that uses every family of them.
const heavy = `    nginx.ingress.kubernetes.io/ssl-redirect: "true"
    nginx.ingress.kubernetes.io/force-ssl-redirect: "true"
    nginx.ingress.kubernetes.io/proxy-body-size: 25m
    nginx.ingress.kubernetes.io/proxy-buffering: "off"
    nginx.ingress.kubernetes.io/proxy-buffer-size: 16k
    nginx.ingress.kubernetes.io/proxy-connect-timeout: "5"
    nginx.ingress.kubernetes.io/proxy-read-timeout: "90"
    nginx.ingress.kubernetes.io/proxy-send-timeout: "90"
    nginx.ingress.kubernetes.io/proxy-next-upstream: error timeout
    nginx.ingress.kubernetes.io/enable-cors: "true"
    nginx.ingress.kubernetes.io/cors-allow-origin: https://shop.example.com, https://admin.example.com
    nginx.ingress.kubernetes.io/cors-allow-methods: GET, PUT
    nginx.ingress.kubernetes.io/cors-allow-headers: X-Tenant, X-Trace
    nginx.ingress.kubernetes.io/cors-max-age: "900"
    nginx.ingress.kubernetes.io/whitelist-source-range: 10.0.0.0/8,192.168.0.0/16
    nginx.ingress.kubernetes.io/limit-rps: "25"
    nginx.ingress.kubernetes.io/limit-connections: "10"
    nginx.ingress.kubernetes.io/auth-url: https://login.example.com/check
    nginx.ingress.kubernetes.io/auth-signin: https://login.example.com/begin
    nginx.ingress.kubernetes.io/auth-response-headers: X-User, X-Groups
    nginx.ingress.kubernetes.io/affinity: cookie
    nginx.ingress.kubernetes.io/session-cookie-name: stick
    nginx.ingress.kubernetes.io/session-cookie-max-age: "7200"
    nginx.ingress.kubernetes.io/upstream-hash-by: $remote_addr
    nginx.ingress.kubernetes.io/upstream-vhost: inner.example.com
    nginx.ingress.kubernetes.io/custom-headers: ingress-nginx/extra-headers
    nginx.ingress.kubernetes.io/configuration-snippet: |
      more_set_headers "X-Content-Type-Options: nosniff";
    nginx.ingress.kubernetes.io/server-snippet: |
      location /private {
        deny all;
      }
`

// settings let the controller accept all that heavy Ingresses carry.
const settings = `apiVersion: v1
kind: ConfigMap
metadata: {name: ingress-nginx-controller, namespace: ingress-nginx}
data:
  allow-snippet-annotations: "true"
  annotations-risk-level: Critical
  global-allowed-response-headers: X-Extra
---
apiVersion: v1
kind: ConfigMap
metadata: {name: extra-headers, namespace: ingress-nginx}
data: {X-Extra: "1"}
`

// heavyFleet writes n heavy Ingresses in fifty namespaces.
func heavyFleet(t testing.TB, n int) string {
	var b strings.Builder
	b.WriteString(settings)
	for i := range n {
		fmt.Fprintf(&b, `---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: app-%05[1]d
  namespace: team-%03[2]d
  annotations:
%[3]sspec:
  ingressClassName: nginx
  tls:
  - hosts: [app%05[1]d.team-%03[2]d.example.com]
    secretName: cert-%05[1]d
  rules:
  - host: app%05[1]d.team-%03[2]d.example.com
    http:
      paths:
      - path: /
        pathType: Prefix
        backend: {service: {name: web-%05[1]d, port: {number: 80}}}
      - path: /part1
        pathType: Prefix
        backend: {service: {name: web-%05[1]d, port: {number: 80}}}
---
apiVersion: v1
kind: Service
metadata: {name: web-%05[1]d, namespace: team-%03[2]d}
spec:
  ports: [{name: http, port: 80, targetPort: 8080}]
`, i, i%50, heavy)
	}
	path := filepath.Join(t.TempDir(), "heavy.yaml")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// rounds is how often each time is taken; the middle one counts.
const rounds = 5

// BenchmarkHTML gives the size of a report of many heavy Ingresses, and the time to open it and to filter it as a ratio to the
// time that an empty page of the same size takes to open.
func BenchmarkHTML(b *testing.B) {
	n, err := strconv.Atoi(setting("INGRESSES"))
	if err != nil {
		b.Fatal(err)
	}
	page := report(b, "heavy", "-f", heavyFleet(b, n), "--controller-config", "ingress-nginx/ingress-nginx-controller")
	file, err := os.Stat(page)
	if err != nil {
		b.Fatal(err)
	}
	empty := strings.TrimSuffix(page, ".html") + "-empty.html"
	text := "<!DOCTYPE html><title>Empty</title><!--" + strings.Repeat("x", int(file.Size())) + "-->"
	if err := os.WriteFile(empty, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		base := middle(func() float64 { return opening(b, empty) })
		ratio := func(name string, of float64) {
			b.ReportMetric(of/base, name+"/empty")
			b.ReportMetric(of, name+"-ms")
		}
		b.ReportMetric(base, "empty-ms")
		b.ReportMetric(float64(file.Size())/1e6, "MB")
		ratio("open", middle(func() float64 { return opening(b, page) }))
		t := open(b, page, look{})
		ratio("word", middle(func() float64 { return filtering(t, "app-0"+strconv.Itoa(n/7)) }))
		ratio("words", middle(func() float64 { return filtering(t, "team-00 cors") }))
		ratio("all", middle(func() float64 { return filtering(t, "") }))
		ratio("row", unfolding(t))
	}
}

func middle(measure func() float64) float64 {
	all := make([]float64, rounds)
	for i := range all {
		all[i] = measure()
	}
	slices.Sort(all)
	return all[rounds/2]
}

// opening is the time from going to a page until it is drawn and its scripts have run.
func opening(t testing.TB, page string) float64 {
	b := open(t, page, look{})
	defer b.close()
	return eval[float64](b, `new Promise((go) => requestAnimationFrame(() => setTimeout(() => go(performance.now()))))`)
}

// filtering is the time from typing until the list is drawn.
func filtering(b *tab, words string) float64 {
	b.script(`document.getElementById("q").value = "nothing at all"; document.getElementById("filters").dispatchEvent(new Event("input"));
		await new Promise((go) => requestAnimationFrame(() => setTimeout(go, 50)))`)
	return eval[float64](b, `(async () => { const start = performance.now(); document.getElementById("q").value = "`+words+`";
		document.getElementById("filters").dispatchEvent(new Event("input"));
		await new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(go)))); return performance.now() - start; })()`)
}

// unfolding is the time from opening a row until the Ingress stands beside its objects.
func unfolding(b *tab) float64 {
	return eval[float64](b, `(async () => { const row = document.querySelector("#list .rows > li:not([hidden]) .row"); const start = performance.now();
		row.open = true; while (!row.querySelector(".pair")) await new Promise((go) => setTimeout(go));
		await new Promise((go) => requestAnimationFrame(() => setTimeout(go))); return performance.now() - start; })()`)
}
