package load

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// apiServer answers requests by their path and, behind a "?", the page asked for.
type apiServer struct {
	answers map[string]string

	mu       sync.Mutex
	requests []string
}

func (a *apiServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	key := r.URL.Path
	if token := r.URL.Query().Get("continue"); token != "" {
		key += "?" + token
	}
	a.mu.Lock()
	a.requests = append(a.requests, key)
	a.mu.Unlock()
	answer, found := a.answers[key]
	status := http.StatusOK
	switch {
	case !found:
		status, answer = http.StatusNotFound, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","code":404}`
	case answer == "forbidden":
		status, answer = http.StatusForbidden, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","code":403,"message":"you may not"}`
	case strings.HasPrefix(answer, "expired "):
		status, answer = http.StatusGone, fmt.Sprintf(`{"kind":"Status","apiVersion":"v1","metadata":{"continue":%q},"status":"Failure","reason":"Expired","code":410}`, answer[8:])
	case answer == "broken":
		status, answer = http.StatusInternalServerError, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"InternalError","code":500}`
	case strings.Contains(key, "secrets") && strings.Contains(answer, `"Table"`) != strings.Contains(r.Header.Get("Accept"), "as=Table"):
		status, answer = http.StatusNotAcceptable, `{}`
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(answer))
}

// reach starts the server and returns what connects to it.
func (a *apiServer) reach(t *testing.T) *genericclioptions.ConfigFlags {
	t.Helper()
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	kubeconfig := filepath.Join(t.TempDir(), "config")
	require.NoError(t, os.WriteFile(kubeconfig, []byte(fmt.Sprintf(`apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: %q}}]
contexts: [{name: x, context: {cluster: c, namespace: shop}}]
current-context: x
`, server.URL)), 0o600))
	flags := genericclioptions.NewConfigFlags(false)
	flags.KubeConfig = &kubeconfig
	return flags
}

func list(kind, apiVersion, next string, items ...string) string {
	return fmt.Sprintf(`{"kind": %q, "apiVersion": %q, "metadata": {"resourceVersion": "1", "continue": %q}, "items": [%s]}`, kind, apiVersion, next, strings.Join(items, ","))
}

func named(namespace, name, more string) string {
	return fmt.Sprintf(`{"metadata": {"namespace": %q, "name": %q%s}`, namespace, name, more) + "}"
}

func clusterIngress(namespace, name, annotations string) string {
	return fmt.Sprintf(`{"metadata": {"namespace": %q, "name": %q, "annotations": {%s}}, "spec": {"tls": [{"secretName": "cert"}],
"rules": [{"host": "A.example.com", "http": {"paths": [{"path": "x", "backend": {"service": {"name": "web", "port": {"number": 80}}}}]}}]}}`, namespace, name, annotations)
}

func table(rows ...string) string {
	return `{"kind": "Table", "apiVersion": "meta.k8s.io/v1", "columnDefinitions": [{"name": "Name"}, {"name": "Type"}, {"name": "Data"}], "rows": [` + strings.Join(rows, ",") + "]}"
}

func row(namespace, name, kind string) string {
	return fmt.Sprintf(`{"cells": [%q, %q, 2], "object": {"metadata": {"namespace": %q, "name": %q}}}`, name, kind, namespace, name)
}

func answers() map[string]string {
	return map[string]string{
		"/apis/networking.k8s.io/v1/ingresses":     list("IngressList", "networking.k8s.io/v1", "two", clusterIngress("shop", "a", `"x/auth-secret": "users", "x/auth-tls-secret": "bank/ca"`)),
		"/apis/networking.k8s.io/v1/ingresses?two": "expired later",
		"/apis/networking.k8s.io/v1/ingresses?later": list("IngressList", "networking.k8s.io/v1", "",
			clusterIngress("bank", "b", `"x/custom-headers": "tools/headers", "kubectl.kubernetes.io/last-applied-configuration": "{}"`)),
		"/apis/networking.k8s.io/v1/ingressclasses":            list("IngressClassList", "networking.k8s.io/v1", "", `{"metadata": {"name": "nginx"}, "spec": {"controller": "k8s.io/ingress-nginx"}}`),
		"/api/v1/services":                                     list("ServiceList", "v1", "", named("shop", "web", "")),
		"/api/v1/namespaces":                                   list("NamespaceList", "v1", "", `{"metadata": {"name": "shop", "labels": {"team": "storefront"}}}`),
		"/apis/networking.istio.io/v1beta1/gateways":           list("GatewayList", "networking.istio.io/v1beta1", "", named("istio-system", "edge", "")),
		"/api/v1/secrets":                                      table(row("shop", "cert", "kubernetes.io/tls"), row("shop", "users", "Opaque"), row("shop", "unrelated", "Opaque")),
		"/api/v1/configmaps":                                   list("ConfigMapList", "v1", "", `{"metadata": {"namespace": "ingress-nginx", "name": "controller"}, "data": {"use-http2": "false", "add-headers": "tools/answers", "proxy-set-headers": "nowhere/at-all"}}`),
		"/api/v1/namespaces/tools/configmaps/answers":          `{"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"namespace": "tools", "name": "answers"}, "data": {"X-A": "1"}}`,
		"/api/v1/namespaces/infra/configmaps/own":              `{"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"namespace": "infra", "name": "own"}, "data": {"proxy-set-headers": "infra/requests"}}`,
		"/api/v1/namespaces/infra/configmaps/requests":         `{"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"namespace": "infra", "name": "requests"}, "data": {"X-B": "1"}}`,
		"/api/v1/namespaces/tools/configmaps/headers":          `{"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"namespace": "tools", "name": "headers"}}`,
		"/api/v1/namespaces/shop/secrets/cert":                 `{"kind": "Secret", "apiVersion": "v1", "metadata": {"namespace": "shop", "name": "cert"}, "type": "kubernetes.io/tls", "data": {"tls.crt": "Y2VydA=="}}`,
		"/api/v1/namespaces/shop/secrets/users":                "forbidden",
		"/apis/networking.k8s.io/v1/namespaces/shop/ingresses": list("IngressList", "networking.k8s.io/v1", "", clusterIngress("shop", "a", `"x/auth-tls-secret": "bank/ca"`)),
		"/api/v1/namespaces/shop/services":                     list("ServiceList", "v1", ""),
		"/api/v1/namespaces/shop/secrets":                      table(),
		"/api/v1/namespaces/bank/secrets/ca":                   table(row("bank", "ca", "Opaque")),
		"/api/v1/namespaces/shop/configmaps":                   list("ConfigMapList", "v1", ""),
	}
}

// contents is a snapshot of a cluster in lines.
func contents(s *snapshot.Snapshot) []string {
	out := []string{fmt.Sprint("has ", s.HasClasses, " ", s.HasServices, " ", s.HasSecrets)}
	for _, in := range s.Ingresses {
		out = append(out, "Ingress "+in.Namespace+"/"+in.Name)
	}
	for k, v := range s.Secrets {
		out = append(out, fmt.Sprintf("Secret %s %s %d", k, v.Type, len(v.Data)))
	}
	for k := range s.Services {
		out = append(out, "Service "+k.String())
	}
	for k := range s.ConfigMaps {
		out = append(out, "ConfigMap "+k.String())
	}
	for _, g := range s.Gateways {
		out = append(out, "Gateway "+g.Key.String())
	}
	for namespace, labels := range s.NamespaceLabels {
		out = append(out, fmt.Sprintf("Labels of %s %v", namespace, labels))
	}
	for _, f := range s.Findings.Sorted() {
		out = append(out, f.Code.Entry().Name+" "+f.Args[0])
	}
	slices.Sort(out)
	return out
}

func TestCluster(t *testing.T) {
	cases := map[string]struct {
		o       Options
		without map[string]string // answers that differ
		want    []string
	}{
		"all namespaces, Secrets by name": {
			o:    Options{AllNamespaces: true},
			want: []string{"ConfigMap ingress-nginx/controller", "ConfigMap tools/answers", "ConfigMap tools/headers", "Gateway istio-system/edge", "Ingress bank/b", "Ingress shop/a", "Labels of shop map[team:storefront]", "Secret shop/cert kubernetes.io/tls 0", "Secret shop/unrelated Opaque 0", "Secret shop/users Opaque 0", "Service shop/web", "has true true true"},
		},
		"the content of Secrets, where it may be seen": {
			o:    Options{AllNamespaces: true, SecretContents: true},
			want: []string{"ConfigMap ingress-nginx/controller", "ConfigMap tools/answers", "ConfigMap tools/headers", "Gateway istio-system/edge", "Ingress bank/b", "Ingress shop/a", "Labels of shop map[team:storefront]", "NotListed namespaces/shop/secrets/users", "Secret shop/cert kubernetes.io/tls 1", "Secret shop/unrelated Opaque 0", "Secret shop/users Opaque 0", "Service shop/web", "has true true true"},
		},
		"the namespace of the context, and Secrets of others that are named": {
			want: []string{"Ingress shop/a", "Secret bank/ca Opaque 0", "has true true true"},
		},
		"its labels, if teams are named by them": {
			o:    Options{NamespaceLabels: true},
			want: []string{"Ingress shop/a", "Labels of shop map[team:storefront]", "Secret bank/ca Opaque 0", "has true true true"},
		},
		"ConfigMaps that are asked for, and those that they name": {
			o:    Options{ConfigMaps: []snapshot.Key{{Namespace: "infra", Name: "own"}}},
			want: []string{"ConfigMap infra/own", "ConfigMap infra/requests", "Ingress shop/a", "Secret bank/ca Opaque 0", "has true true true"},
		},
		"what may not be listed is said": {
			o:       Options{AllNamespaces: true},
			without: map[string]string{"/apis/networking.k8s.io/v1/ingressclasses": "forbidden", "/api/v1/secrets": "forbidden", "/api/v1/services": "forbidden", "/api/v1/namespaces/shop/secrets/cert": table(row("shop", "cert", "kubernetes.io/tls"))},
			want:    []string{"ConfigMap ingress-nginx/controller", "ConfigMap tools/answers", "ConfigMap tools/headers", "Gateway istio-system/edge", "Ingress bank/b", "Ingress shop/a", "Labels of shop map[team:storefront]", "NotListed ingressclasses", "NotListed namespaces/shop/secrets/users", "NotListed secrets", "NotListed services", "Secret bank/ca Opaque 0", "Secret shop/cert kubernetes.io/tls 0", "has false false false"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			server := &apiServer{answers: answers()}
			maps.Copy(server.answers, c.without)
			c.o.Config = server.reach(t)
			s, err := Load(t.Context(), c.o)
			require.NoError(t, err)
			if diff := cmp.Diff(c.want, contents(s)); diff != "" {
				t.Errorf("(-want +got):\n%s\n%s", diff, strings.Join(server.requests, "\n"))
			}
			for _, in := range s.Ingresses {
				if in.Object.File != "" || in.Object.Line != 0 || *in.Spec.Rules[0].HTTP.Paths[0].PathType != "ImplementationSpecific" {
					t.Errorf("%s: %+v", in.Name, in.Object)
				}
			}
		})
	}
}

func TestClusterThatCannotBeRead(t *testing.T) {
	for answer, want := range map[string]string{"forbidden": "can-i list ingresses", "broken": "reading ingresses"} {
		server := &apiServer{answers: map[string]string{"/apis/networking.k8s.io/v1/ingresses": answer}}
		if _, err := Load(t.Context(), Options{AllNamespaces: true, Config: server.reach(t)}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, must hold %q", answer, err, want)
		}
	}
	server := &apiServer{}
	if _, err := Load(t.Context(), Options{AllNamespaces: true, Config: server.reach(t)}); err == nil || !strings.Contains(err.Error(), "has no ingresses") {
		t.Errorf("error %v", err)
	}
}
